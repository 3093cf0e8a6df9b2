import {FollowUp} from 'src/capabilities/followups/types';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(payload: unknown): Fields | undefined {
    try {
        const value: unknown = typeof payload === 'string' && payload ? JSON.parse(payload) : undefined;
        return isObject(value) ? value : undefined;
    } catch {
        return undefined;
    }
}

const all = (value: Fields, type: string, names: string[]) => names.every((name) => typeof value[name] === type);
const STATES: unknown[] = ['open', 'done', 'dropped'];
const OWNER_STATES: unknown[] = ['', 'deactivated', 'no_access'];

/** The follow-up in the payload of an event. What is not of the expected form is not taken, so that no component meets it. */
export function readFollowUp(payload: unknown): FollowUp | undefined {
    const value = parse(payload);
    return value &&
        all(value, 'string', ['id', 'incident_id', 'title', 'text', 'owner_id', 'reason', 'link', 'source', 'post_id', 'task_id', 'author_id', 'incident_name', 'team_id', 'channel_id', 'playbook_id', 'owner_username']) &&
        all(value, 'number', ['number', 'due_at', 'create_at', 'update_at', 'closed_at', 'revision']) &&
        all(value, 'boolean', ['overdue', 'can_edit']) &&
        STATES.includes(value.state) && OWNER_STATES.includes(value.owner_state) ? value as unknown as FollowUp : undefined;
}
