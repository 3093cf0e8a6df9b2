/** Whom a role falls to when an incident starts. */
export interface RoleDefault {
    kind: 'none' | 'commander' | 'starter' | 'user';

    /** '' unless `kind` is `user`. */
    user_id: string;
}

/** A role of a playbook. */
export interface PlaybookRole {
    key: string;
    name: string;

    /** What it does; '' is not said. */
    description: string;
    default: RoleDefault;
}

/** A role of an incident. */
export interface IncidentRole {
    key: string;
    name: string;
    description: string;

    /** '' is nobody. */
    holder_id: string;

    /** Since when the holder has it; 0 is never. */
    since: number;

    /** Whom the playbook means to have it, but who could not be added to the channel; absent when there is nobody. */
    missing_id?: string;
}

/** Command that was offered to somebody and is not accepted yet. */
export interface Handoff {
    id: string;
    to_user_id: string;
    by_user_id: string;
    at: number;
    expires_at: number;
}

export interface IncidentRoles {
    /** `[]` where only a handoff is pending. */
    roles: IncidentRole[];

    /** Absent when none is pending. */
    handoff?: Handoff;
}

/** Who had a role, and when; the commander has the key `commander`. */
export interface RoleSpan {
    role: string;
    name: string;
    user_id: string;
    from: number;

    /** 0 while it lasts. */
    to: number;
}

/** To whom a task was assigned in the playbook. */
export type Assignment = {kind: 'role'; role: string} | {kind: 'commander'} | {kind: 'user'; user_id: string};

/** What the server takes of roles. Lengths are in characters. */
export const ROLE_LIMITS = {roles: 10, key: 32, name: 64, description: 256};
