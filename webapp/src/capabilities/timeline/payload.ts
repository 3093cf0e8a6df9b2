import {Entry} from 'src/capabilities/timeline/types';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const KINDS: unknown[] = ['event', 'update', 'message', 'manual'];

function parse(text: unknown): Fields | undefined {
    try {
        const value: unknown = typeof text === 'string' && text ? JSON.parse(text) : undefined;
        return isObject(value) ? value : undefined;
    } catch {
        return undefined;
    }
}

const all = (value: Fields, names: string[], type: string) => names.every((name) => typeof value[name] === type);

/** The entry in the payload of an event. What is not of the expected form is not taken, so that no component meets it. */
export function readEntry(payload: unknown): Entry | undefined {
    const value = parse(payload);
    if (!value || !all(value, ['id', 'incident_id', 'author_id', 'added_by_id', 'text', 'edited_by_id', 'deleted_by_id'], 'string') ||
        !all(value, ['happened_at', 'recorded_at', 'version', 'edited_at', 'deleted_at'], 'number') ||
        typeof value.starred !== 'boolean' || !KINDS.includes(value.kind)) {
        return undefined;
    }
    const {event, source, original, files} = value;
    const isEvent = isObject(event) && typeof event.type === 'string' && typeof event.revision === 'number' && isObject(event.before) && isObject(event.after);
    const isWell = (value.kind !== 'event' || isEvent) &&
        (source === undefined || (isObject(source) && all(source, ['post_id', 'channel_id'], 'string'))) &&
        (original === undefined || (isObject(original) && typeof original.text === 'string' && typeof original.happened_at === 'number')) &&
        (files === undefined || (Array.isArray(files) && files.every((file) => isObject(file) && all(file, ['id', 'name', 'sha256'], 'string') && typeof file.size === 'number')));
    return isWell ? value as unknown as Entry : undefined;
}

/** What an event says of an entry that is too long to be its payload. */
export function readChanged(changed: unknown): Pick<Entry, 'id' | 'incident_id'> | undefined {
    const value = parse(changed);
    return value && all(value, ['id', 'incident_id'], 'string') ? value as unknown as Pick<Entry, 'id' | 'incident_id'> : undefined;
}
