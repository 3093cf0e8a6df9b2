import {noteMissingTimeline} from 'src/capabilities/timeline/presence';
import {Entry, EntryChange, EntryPage, EntryWithVersions, Filter, NewEntry} from 'src/capabilities/timeline/types';
import {ApiError, request, WAIT} from 'src/client/http';
import {incidentUrl} from 'src/client/incidents';

const CREATED = 201;

/** How many entries are asked for at a time. */
export const PER_PAGE = 60;

/** How many entries are read first: some screens full of them. More follow when they are scrolled to. */
export const FIRST_PAGE = 30;

/** The server's greatest page. */
export const MOST_PER_PAGE = 100;

const timelineUrl = (incidentId: string) => `${incidentUrl(incidentId)}/timeline`;
const entryUrl = (incidentId: string, id: string) => `${timelineUrl(incidentId)}/${id}`;

/** Whether the server has no such route; its own refusals have a code. */
export const isUnknownRoute = (cause: unknown) => cause instanceof ApiError && cause.status === 404 && cause.code === '';

async function known<T>(answer: Promise<T>): Promise<T> {
    try {
        return await answer;
    } catch (cause) {
        if (isUnknownRoute(cause)) {
            noteMissingTimeline();
        }
        throw cause;
    }
}

export interface PageQuery {
    direction: 'asc' | 'desc';

    /** The page begins behind this place; absent is at the beginning. */
    cursor?: string;
    perPage?: number;
}

/** A page of the entries that a filter selects, in the direction that was asked for. */
export function listEntries(incidentId: string, {kinds, person, starred}: Filter, {direction, cursor, perPage = PER_PAGE}: PageQuery, signal?: AbortSignal): Promise<EntryPage> {
    const query = {direction, cursor, per_page: perPage, kind: kinds.join(','), person, starred: starred || undefined};
    return known(request('GET', timelineUrl(incidentId), {query, signal}));
}

/** An entry with all its versions, oldest first. Of a deleted entry only administrators get the texts. */
export function getVersions(incidentId: string, id: string, signal?: AbortSignal): Promise<EntryWithVersions> {
    return known(request('GET', entryUrl(incidentId, id), {signal}));
}

/** An entry as it is now. */
export async function getEntry(incidentId: string, id: string): Promise<Entry> {
    const entry: Entry & Partial<EntryWithVersions> = {...await getVersions(incidentId, id)};
    delete entry.versions;
    return entry;
}

/** Adds an entry. Requests with the same key add one. `isNew` is false when it was there already. */
export async function addEntry(incidentId: string, entry: NewEntry, key: string): Promise<{entry: Entry; isNew: boolean}> {
    let status = 0;
    const added = await known(request<Entry>('POST', timelineUrl(incidentId), {
        body: entry,
        headers: {'Idempotency-Key': key},
        onStatus: (answered) => {
            status = answered;
        },
    }));
    return {entry: added, isNew: status === CREATED};
}

export function changeEntry({incident_id: incidentId, id}: Entry, change: EntryChange): Promise<Entry> {
    return request('PATCH', entryUrl(incidentId, id), {body: change, wait: WAIT.change});
}

/** Deletes an entry and answers the mark that stays. */
export function deleteEntry({incident_id: incidentId, id}: Entry): Promise<Entry> {
    return request('DELETE', entryUrl(incidentId, id), {wait: WAIT.change});
}

/** Code of the refusal to change an entry that somebody else has changed meanwhile. */
export const OUTDATED = 'timeline.outdated';

/** Code of the refusal to change an entry that was deleted. */
export const DELETED = 'timeline.deleted';
