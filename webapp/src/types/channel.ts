/** What a playbook says about the channels of its incidents. */
export interface PlaybookChannel {
    /** Days after the end; 0 is never. */
    archive_after_days: number;
    invite_user_ids: string[];
    invite_group_ids: string[];
}

/** Whether the channel of an incident was put away. */
export interface IncidentChannel {
    /** When it will be archived; 0 is never. */
    archive_at: number;

    /** When this plugin archived it; 0 is never. */
    archived_at: number;
}

/** What the server takes. */
export const CHANNEL_LIMITS = {archiveAfterDays: 365, users: 100, groups: 20};
