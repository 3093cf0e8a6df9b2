import {useCallback, useEffect, useMemo, useRef, useState} from 'react';

import {ENTRY_EVENT} from 'src/capabilities/timeline/at_start';
import {FIRST_PAGE, getEntry, listEntries, MOST_PER_PAGE, PageQuery} from 'src/capabilities/timeline/client';
import {noteAdded, noteCount} from 'src/capabilities/timeline/entry_count';
import {readChanged, readEntry} from 'src/capabilities/timeline/payload';
import {cursorBefore, cursorOf, MOST_HELD, settled, Stretch, withEntry, withNewer, withOlder, withPostGone} from 'src/capabilities/timeline/stretch';
import {Entry, Filter} from 'src/capabilities/timeline/types';
import {ApiError} from 'src/client/http';
import {allData, changeData, client, limitKept, useQuery, withChanges} from 'src/query/client';
import {toApiError} from 'src/query/retry';
import {onCapabilityEvent, POST_DELETED} from 'src/realtime/capability_events';

const TIMELINE = 'timeline';

/** How many timelines, or filters of one, are kept that are not shown. */
const MOST_KEPT = 8;

/** Own events are read at most so often, in milliseconds, however many changes there are. */
export const READ_WAIT_MS = 1000;

/** Own events may be stored a little after others with a later time: the reading begins so much earlier, in milliseconds. */
const OVERLAP_MS = 10_000;

/** As OVERLAP_MS, when no own event is held: people's entries may be later than the next own event. */
const LONG_OVERLAP_MS = 120_000;

/** The filter is a text: of objects, the cache also finds those that hold more. */
const keyOf = (incidentId: string, filter: Filter) => [TIMELINE, incidentId, JSON.stringify(filter)];

/** The timelines whose readers are not at the end. Of others a new reading begins at the newest entry. */
const awayFromEnd = new Set<string>();
const placeOf = (incidentId: string, filter: Filter) => keyOf(incidentId, filter).join();

export function noteAtEnd(incidentId: string, filter: Filter, isAtEnd: boolean): void {
    const place = placeOf(incidentId, filter);
    if (isAtEnd) {
        awayFromEnd.delete(place);
    } else {
        awayFromEnd.add(place);
    }
}

limitKept(TIMELINE, MOST_KEPT);
client.setQueryDefaults([TIMELINE], {
    structuralSharing: settled as <T>(held: T | undefined, fresh: T) => T,
});

async function readPage(incidentId: string, filter: Filter, query: PageQuery, signal?: AbortSignal) {
    const page = await listEntries(incidentId, filter, query, signal);
    noteCount(incidentId, page);
    return page;
}

async function newest(incidentId: string, filter: Filter, signal: AbortSignal): Promise<Stretch> {
    const {items, has_more: hasOlder} = await readPage(incidentId, filter, {direction: 'desc', perPage: FIRST_PAGE}, signal);
    return {entries: [...items].reverse(), hasOlder, hasNewer: false};
}

/** Reads the same stretch again. */
async function again(incidentId: string, filter: Filter, {entries: [first], hasOlder}: Stretch, signal: AbortSignal): Promise<Stretch> {
    let stretch: Stretch = {entries: [], hasOlder, hasNewer: true};
    let cursor = cursorBefore(first?.happened_at ?? 0);
    while (stretch.hasNewer && stretch.entries.length < MOST_HELD) {
        const page = await readPage(incidentId, filter, {direction: 'asc', cursor, perPage: MOST_PER_PAGE}, signal);
        stretch = withNewer(stretch, page.items, page.has_more);
        cursor = page.next_cursor;
    }
    return stretch;
}

function load(incidentId: string, filter: Filter, signal: AbortSignal): Promise<Stretch> {
    const key = keyOf(incidentId, filter);
    const held = client.getQueryData<Stretch>(key);
    const reading = held && held.entries.length > 0 && awayFromEnd.has(placeOf(incidentId, filter)) ?
        again(incidentId, filter, held, signal) : newest(incidentId, filter, signal);
    return withChanges(key, reading);
}

/** The filter in a key of this module. */
const filterIn = (key: readonly unknown[]) => JSON.parse(String(key[2])) as Filter;

/** Takes an entry from an answer or event into all that is held of its timeline. */
export function receiveEntry(entry: Entry): void {
    client.getQueriesData<Stretch>([TIMELINE, entry.incident_id]).forEach(([key]) => {
        changeData<Stretch>(key, (stretch) => withEntry(stretch, entry, filterIn(key)));
    });
    noteAdded(entry);
}

const isHeld = (incidentId: string) => allData([TIMELINE, incidentId]).length > 0;

/** Follows the entries that are added and changed while a timeline is shown. `added` is called with those that are new. */
function useEntryEvents(incidentId: string, added: (entry: Entry) => void): void {
    const latest = useRef(added);
    latest.current = added;
    useEffect(() => onCapabilityEvent(ENTRY_EVENT, (data) => {
        const entry = readEntry(data.payload);
        const changed = entry ? undefined : readChanged(data.changed);
        if (entry && entry.incident_id === incidentId) {
            receiveEntry(entry);
            if (entry.version === 1 && entry.kind !== 'event') {
                latest.current(entry);
            }
        } else if (changed?.incident_id === incidentId && isHeld(incidentId)) {
            // An entry that is too long for an event. A failure leaves what is shown; the next reading brings it.
            getEntry(incidentId, changed.id).then(receiveEntry, () => undefined);
        }
    }), [incidentId]);
    useEffect(() => onCapabilityEvent(POST_DELETED, ({id}) => {
        changeData<Stretch>([TIMELINE, incidentId], (stretch) => withPostGone(stretch, String(id)));
    }), [incidentId]);
}

/** Reads own events that have come since, because the incident has changed. Answers false when it has to be tried later. */
async function readOn(incidentId: string, filter: Filter): Promise<boolean> {
    const key = keyOf(incidentId, filter);
    if (client.isFetching({queryKey: key, exact: true}) > 0) {
        // Its answer may be from before the change.
        return false;
    }
    const held = client.getQueryData<Stretch>(key);
    if (!held || held.hasNewer) {
        return true;
    }
    const own = [...held.entries].reverse().find(({event}) => event);
    const last = held.entries[held.entries.length - 1];
    const from = own ? own.happened_at - OVERLAP_MS : (last?.happened_at ?? 0) - LONG_OVERLAP_MS;
    for (let cursor = cursorBefore(Math.max(from, 0)), hasMore = true; hasMore;) {
        const page = await readPage(incidentId, filter, {direction: 'asc', cursor, perPage: MOST_PER_PAGE});
        page.items.forEach((entry) => changeData<Stretch>(key, (stretch) => withEntry(stretch, entry, filter)));
        cursor = page.next_cursor;
        hasMore = page.has_more;
    }
    return true;
}

/** Reads on whenever the revision of the incident grows, at most once in READ_WAIT_MS. */
function useOwnEvents(incidentId: string, filter: Filter, revision: number): void {
    const state = useRef({seen: revision, isReading: false, isWanted: false});
    useEffect(() => {
        const now = state.current;
        if (revision <= now.seen) {
            return undefined;
        }
        now.seen = revision;
        now.isWanted = true;
        const read = () => {
            if (now.isReading || !now.isWanted) {
                return;
            }
            now.isReading = true;
            now.isWanted = false;
            const wait = new Promise((resolve) => window.setTimeout(resolve, READ_WAIT_MS));

            // What could not be read comes with the next change, or when the timeline is opened again.
            const reading = readOn(incidentId, filter).catch(() => true);
            void Promise.all([reading, wait]).then(([isDone]) => {
                now.isReading = false;
                now.isWanted ||= !isDone;
                read();
            });
        };
        read();
        return undefined;
    }, [incidentId, filter, revision]);
}

type Side = 'older' | 'newer';

export interface Feed {
    stretch?: Stretch;

    /** Why the timeline could not be loaded, or not be refreshed. */
    error?: ApiError;
    reload: () => void;

    /** Reads the next page at one of the ends, if there is one. */
    more: (side: Side) => void;

    /** At which end a page is being read. */
    reading?: Side;

    /** At which end the last reading has failed, and why. */
    failed?: {side: Side; error: ApiError};

    /** Goes to the newest entries. */
    toNewest: () => Promise<void>;
}

/** What is shown of a timeline. `added` is called with entries that somebody has added meanwhile. */
export function useFeed(incidentId: string, filter: Filter, revision: number, added: (entry: Entry) => void): Feed {
    const key = useMemo(() => keyOf(incidentId, filter), [incidentId, filter]);
    const {data: stretch, error, reload} = useQuery<Stretch>(key, (signal) => load(incidentId, filter, signal));
    useEntryEvents(incidentId, added);
    useOwnEvents(incidentId, filter, revision);
    const [reading, setReading] = useState<Side>();
    const [failed, setFailed] = useState<Feed['failed']>();
    const current = useRef<unknown>();
    useEffect(() => {
        current.current = key;
        setReading(undefined);
        setFailed(undefined);
        return () => {
            current.current = undefined;
        };
    }, [key]);
    const running = useRef<readonly unknown[]>();

    const more = useCallback((side: Side) => {
        const held = client.getQueryData<Stretch>(key);
        const edge = side === 'older' ? held?.entries[0] : held?.entries[held.entries.length - 1];
        const hasMore = side === 'older' ? held?.hasOlder : held?.hasNewer;
        if (running.current === key || !edge || !hasMore) {
            return;
        }
        running.current = key;
        setReading(side);
        setFailed(undefined);
        const isCurrent = () => current.current === key;
        const direction = side === 'older' ? 'desc' : 'asc';
        readPage(incidentId, filter, {direction, cursor: cursorOf(edge)}).then(({items, has_more: isMore}) => {
            const add = side === 'older' ? withOlder : withNewer;
            client.setQueryData<Stretch>(key, (now) => {
                const at = side === 'older' ? now?.entries[0] : now?.entries[now.entries.length - 1];

                // What was read does not join what is held, if that was read again meanwhile.
                return now && at?.id === edge.id ? add(now, items, isMore) : now;
            });
        }, (cause: unknown) => isCurrent() && setFailed({side, error: toApiError(cause)})).finally(() => {
            running.current = running.current === key ? undefined : running.current;
            if (isCurrent()) {
                setReading(undefined);
            }
        });
    }, [key, incidentId, filter]);

    const toNewest = useCallback(async () => {
        noteAtEnd(incidentId, filter, true);
        if (client.getQueryData<Stretch>(key)?.hasNewer) {
            await client.refetchQueries({queryKey: key, exact: true});
        }
    }, [key, incidentId, filter]);
    return {stretch, error, reload, more, reading, failed, toNewest};
}
