import {Page, SortDirection} from 'src/types/incident';

/** Mirrors the JSON of server/followups/api.yaml. Times are milliseconds since the epoch; 0 means never. */

export type FollowUpState = 'open' | 'done' | 'dropped';

/** What is written in the form of a follow-up. */
export interface FollowUpDraft {
    title: string;

    /** Markdown. */
    text: string;

    /** '' is nobody. */
    owner_id: string;

    /** 23:59 of a day in the user's time zone is that day, without a time. */
    due_at: number;

    /** Address of an issue, or ''. */
    link: string;
}

export interface FollowUp extends FollowUpDraft {
    id: string;
    incident_id: string;

    /** Counts those of an incident from 1. */
    number: number;
    state: FollowUpState;

    /** Why it was dropped, else ''. */
    reason: string;
    source: 'retrospective' | 'task' | 'message' | 'command' | 'rest';

    /** The message from which it was made, or ''. The user may lack the right to read it. */
    post_id: string;

    /** The task that was carried over, or ''. */
    task_id: string;
    author_id: string;
    create_at: number;
    update_at: number;
    closed_at: number;
    revision: number;
    incident_name: string;
    team_id: string;
    channel_id: string;
    playbook_id: string;
    owner_username: string;

    /** What is wrong with the owner, '' for nothing. */
    owner_state: '' | 'deactivated' | 'no_access';
    overdue: boolean;

    /** The user may change it. Always false in events. */
    can_edit: boolean;
}

export interface Counts {
    open: number;
    overdue: number;
    done: number;
    dropped: number;

    /** Open ones of the user. */
    mine: number;
    mine_overdue: number;
}

export interface FollowUpPage extends Page<FollowUp> {
    /** Over all that the team, playbook and incident of the query select, whatever its other filters are. */
    counts: Counts;
}

export type FollowUpSort = 'due_at' | 'create_at' | 'update_at' | 'title' | 'state' | 'incident' | 'number';

export interface FollowUpQuery {
    mine?: boolean;
    state?: FollowUpState;
    overdue?: boolean;
    team_id?: string;
    playbook_id?: string;
    sort?: FollowUpSort;
    direction?: SortDirection;
    page?: number;
    per_page?: number;
}

/** What to change; absent fields stay. */
export interface FollowUpChange extends Partial<FollowUpDraft> {
    state?: FollowUpState;

    /** Needed with the state dropped. */
    reason?: string;

    /** The revision on which the change is based. */
    revision?: number;
}

/** In characters, except for the number of follow-ups of an incident. */
/** What the sidebar asks for: it has room for a few open ones. */
export const SUMMARY_QUERY: FollowUpQuery & {per_page: number} = {sort: 'number', state: 'open', page: 0, per_page: 5};

export const LIMITS = {title: 256, text: 8000, reason: 1024, link: 2048, perIncident: 500};

/** The server's greatest page. */
export const MOST_PER_PAGE = 200;
