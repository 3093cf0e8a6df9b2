import {Invitations, PlaybookChannel} from 'src/types/channel';
import {Page, Stage, SortDirection} from 'src/types/incident';
import {PlaybookRole} from 'src/types/roles';
import {PlaybookSeverity} from 'src/types/severity';

/** What capabilities keep with a playbook. What is absent is not used. */
export interface PlaybookOwn {
    severity?: PlaybookSeverity;
    roles?: PlaybookRole[];
    channel?: PlaybookChannel;
    invitations?: Invitations;
}

export interface Playbook extends PlaybookOwn {
    id: string;
    title: string;
    description: string;
    team_id: string;
    create_public_incident: boolean;
    create_at: number;
    delete_at: number;
    num_stages: number;
    num_steps: number;

    /** `[]` in lists. */
    checklists: Stage[];

    /** `[]` in lists. */
    member_ids: string[];
    broadcast_channel_id: string;
    reminder_message_template: string;

    /** 0 is no reminder. */
    reminder_timer_default_seconds: number;

    /** Grows with each change; absent from servers before 2.0.0. */
    revision?: number;
}

export interface PlaybookPage extends Page<Playbook> {

    /** Whether the user may create playbooks in the team; servers before version 2.0 do not say so. */
    can_create?: boolean;
}

export interface PlaybookQuery {
    team_id: string;
    page?: number;
    per_page?: number;
    sort?: 'title' | 'stages' | 'steps';
    direction?: SortDirection;
}

/** Values of the query `template_title` of the editor of a new playbook. */
export const BLANK_TEMPLATE = 'Blank Playbook';
export const INCIDENT_TEMPLATE = 'Incident Management Playbook';
