import {all, allIfSent, Fields, isList, isNumber, isObject, isText} from 'src/realtime/fields';
import {hasOwnFields, hasOwnStageFields, hasOwnTaskFields} from 'src/realtime/own_payload';
import {Post} from 'src/types/host_rest';
import {Incident, IncidentChanged, IncidentCreated, IncidentDeleted, Stage, StatusPost, Task} from 'src/types/incident';

// Reads what comes by websocket. What is not exactly of the expected form is not taken, so that no component meets it: an
// incident of a form that only part of the page understands would break the reader's client.

const TASK_STATES: unknown[] = ['', 'in_progress', 'closed'];

function isTask(value: unknown): value is Task {
    return isObject(value) &&
        all(value, ['id', 'title', 'state_modified_post_id', 'assignee_id', 'assignee_modified_post_id', 'command', 'description'], isText) &&
        all(value, ['state_modified', 'assignee_modified', 'command_last_run'], isNumber) &&
        allIfSent(value, ['command_last_editor_id', 'command_last_runner_id'], isText) &&
        allIfSent(value, ['command_edited_at'], isNumber) &&
        all(value, ['state'], (state) => TASK_STATES.includes(state)) &&
        hasOwnTaskFields(value);
}

function isStage(value: unknown): value is Stage {
    return isObject(value) && all(value, ['id', 'title'], isText) && all(value, ['items'], (items) => isList(items, isTask)) && hasOwnStageFields(value);
}

function isStatusPost(value: unknown): value is StatusPost {
    return isObject(value) && all(value, ['id'], isText) && all(value, ['create_at', 'delete_at'], isNumber);
}

const hasIds = (value: Fields) => all(value, ['id', 'team_id', 'channel_id'], (id) => isText(id) && id !== '');

export function isIncident(value: unknown): value is Incident {
    return isObject(value) && hasIds(value) &&
        all(value, ['name', 'description', 'commander_user_id', 'active_stage_title', 'post_id', 'playbook_id', 'reminder_post_id', 'broadcast_channel_id', 'reminder_message_template'], isText) &&
        all(value, ['create_at', 'end_at', 'delete_at', 'active_stage', 'previous_reminder', 'revision', 'post_revision'], isNumber) &&
        all(value, ['is_active'], (active) => typeof active === 'boolean') &&
        all(value, ['checklists'], (stages) => isList(stages, isStage)) &&
        all(value, ['status_post_ids'], (ids) => isList(ids, isText)) &&
        all(value, ['status_posts'], (posts) => isList(posts, isStatusPost)) &&
        hasOwnFields(value);
}

function parse(text: unknown): unknown {
    try {
        return isText(text) && text ? JSON.parse(text) : undefined;
    } catch {
        return undefined;
    }
}

/** The incident in the payload of incident_updated. */
export function incidentIn(payload: unknown): Incident | undefined {
    const value = parse(payload);
    return isIncident(value) ? value : undefined;
}

/** What the payload of incident_deleted says. */
export function deletedIn(payload: unknown): IncidentDeleted | undefined {
    const value = parse(payload);
    return isObject(value) && hasIds(value) ? value as unknown as IncidentDeleted : undefined;
}

/** What incident_updated says of an incident that is too long to be its payload. */
export function changedIn(changed: unknown): IncidentChanged | undefined {
    const value = parse(changed);
    return isObject(value) && hasIds(value) && all(value, ['revision', 'post_revision'], isNumber) ? value as unknown as IncidentChanged : undefined;
}

/** What the payload of incident_created says. */
export function createdIn(payload: unknown): IncidentCreated | undefined {
    const value = parse(payload);
    if (!isObject(value) || !isIncident(value.incident)) {
        return undefined;
    }
    return {...value, client_id: isText(value.client_id) ? value.client_id : undefined, incident: value.incident} as IncidentCreated;
}

/** The host's post in the data of one of its events. */
export function postIn(data: unknown): Post | undefined {
    const value = parse(data);
    return isObject(value) && all(value, ['id', 'channel_id', 'message'], isText) ? value as unknown as Post : undefined;
}
