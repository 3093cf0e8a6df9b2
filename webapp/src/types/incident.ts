import {IncidentChannel} from 'src/types/channel';
import {StageClock, UpdateClock} from 'src/types/clock';
import {Assignment, IncidentRoles} from 'src/types/roles';
import {IncidentSeverity, SeverityRow} from 'src/types/severity';

/** Mirrors the JSON of the plugin's REST API and websocket payloads. Times are milliseconds since the epoch; 0 means never. */

/** `''` is open. */
export type TaskState = '' | 'in_progress' | 'closed';

export interface Task {
    id: string;
    title: string;
    state: TaskState;
    state_modified: number;
    state_modified_post_id: string;

    /** `''` is nobody. */
    assignee_id: string;
    assignee_modified: number;
    assignee_modified_post_id: string;

    /** Slash command with its leading `/`; `''` is none. */
    command: string;
    command_last_run: number;

    /** Who wrote or last changed the command; '' or absent is unknown. */
    command_last_editor_id?: string;

    /** When that was; 0 or absent is unknown. */
    command_edited_at?: number;

    /** Who ran it at `command_last_run`; '' or absent is unknown, or nobody. */
    command_last_runner_id?: string;

    /** Markdown. */
    description: string;

    /** To whom the playbook gives the task; `assignee_id` says who that is now. Absent when nobody, or assigned by hand. */
    assignment?: Assignment;
}

export interface Stage {
    id: string;
    title: string;
    items: Task[];

    /** How long the stage may be the current one; absent or 0 is without a limit. */
    limit_seconds?: number;
}

export interface StatusPost {
    id: string;
    create_at: number;

    /** 0 unless the post was deleted. */
    delete_at: number;
}

export interface Incident {
    id: string;
    name: string;
    description: string;
    is_active: boolean;
    commander_user_id: string;
    team_id: string;
    channel_id: string;
    create_at: number;
    end_at: number;
    delete_at: number;

    /** Zero-based; -1 when there are no stages. */
    active_stage: number;
    active_stage_title: string;
    post_id: string;
    playbook_id: string;
    checklists: Stage[];
    status_post_ids: string[];

    /** Oldest first. */
    status_posts: StatusPost[];
    reminder_post_id: string;

    /** Nanoseconds. */
    previous_reminder: number;
    broadcast_channel_id: string;
    reminder_message_template: string;

    /** Grows by one with every change. */
    revision: number;

    /** Grows when only the id of an announcing post was attached. */
    post_revision: number;

    /** Absent without levels. */
    severity?: IncidentSeverity;

    /** Absent without roles and without a pending handoff. */
    roles?: IncidentRoles;

    /** Absent without a reminder of the next status update. */
    clock?: UpdateClock;

    /** Absent when the current stage has no limit. */
    stage_clock?: StageClock;

    /** What becomes of the channel after the end. Absent when it stays. */
    channel?: IncidentChannel;

    /** The incident was started in a channel that was there before. Absent when the channel was made for it. */
    existing_channel?: boolean;
}

/** What lists get: stages, status posts and template are empty there. */
export type IncidentSummary = Omit<Incident, 'checklists' | 'status_post_ids' | 'status_posts' | 'reminder_message_template' | 'severity' | 'roles' | 'stage_clock' | 'channel'> & {
    /** Absent when no level is chosen. */
    severity?: SeverityRow;

    /** When the newest status update was posted that was not deleted; absent when there is none, and in whole incidents. */
    last_status_at?: number;
};

/** What the list of the user's ongoing incidents shows of one. */
export type IncidentRow = IncidentSummary & {
    /** When the newest status update was posted that was not deleted; 0 is never. */
    last_status_at: number;
};

/** What an event says of an incident that is too long to be sent. */
export type IncidentChanged = Pick<Incident, 'id' | 'team_id' | 'channel_id' | 'revision' | 'post_revision'>;

/** A whole incident, or the row of a list. */
export type AnyIncident = Incident | IncidentSummary;

/** Payload of the event `incident_deleted`: the incident was deleted for good. */
export type IncidentDeleted = Pick<Incident, 'id' | 'team_id' | 'channel_id'>;

export interface IncidentMetadata {
    channel_name: string;
    channel_display_name: string;
    team_name: string;
    num_members: number;
    total_posts: number;
}

export interface CommanderInfo {
    user_id: string;
    username: string;
}

export interface Page<T> {
    total_count: number;
    page_count: number;
    has_more: boolean;

    /** Where the next page begins, when this one ended early because its items are long; absent otherwise. */
    next_offset?: number;
    items: T[];
}

export interface TaskRun {
    trigger_id: string;
}

/** What may be written when a task is added or edited. */
export interface TaskDraft {
    title: string;
    command: string;
    description: string;
}

export type IncidentSort = 'name' | 'is_active' | 'create_at' | 'end_at' | 'severity';
export type SortDirection = 'asc' | 'desc';
export type IncidentStatus = 'all' | 'active' | 'ended';

export interface IncidentQuery {
    team_id: string;
    page?: number;
    per_page?: number;

    /** Number of incidents to skip, in place of page. */
    offset?: number;
    sort?: IncidentSort;
    direction?: SortDirection;
    status?: IncidentStatus;
    commander_user_id?: string;
    member_id?: string;
    search_term?: string;

    /** Keys of levels with commas between them; `none` is without a level. */
    severity?: string;
}

/** Payload of the event `incident_created`. */
export interface IncidentCreated {
    incident: Incident;

    /** Of the browser tab that started it; absent when it was not started from one. */
    client_id?: string;
}
