import {listEntries} from 'src/capabilities/timeline/client';
import {Entry, EntryPage, EVERYTHING, WARN_FROM} from 'src/capabilities/timeline/types';
import {client, limitKept, useQuery} from 'src/query/client';

const COUNT = 'timeline-count';
const MOST_KEPT = 8;

/** Near the limit the entries are counted again after some were added, at most so often, in milliseconds. */
export const COUNT_WAIT_MS = 1000;

/** From so many entries before the warning on. */
const NEAR = 100;

limitKept(COUNT, MOST_KEPT);

const keyOf = (incidentId: string) => [COUNT, incidentId];
const timers = new Map<string, number>();

/** Notes what a page says. */
export function noteCount(incidentId: string, {entry_count: count}: EntryPage): void {
    if (count !== undefined) {
        client.setQueryData(keyOf(incidentId), count);
    }
}

/** How many entries people have added, 0 while that is not known. */
export const useEntryCount = (incidentId: string) => useQuery<number>(keyOf(incidentId), undefined, {enabled: false}).data ?? 0;

/** Counts again soon if an entry was added near the limit. A failure leaves what is shown. */
export function noteAdded({incident_id: incidentId, kind, version}: Entry): void {
    const count = client.getQueryData<number>(keyOf(incidentId)) ?? 0;
    if (version !== 1 || kind === 'event' || kind === 'update' || count < WARN_FROM - NEAR || timers.has(incidentId)) {
        return;
    }
    timers.set(incidentId, window.setTimeout(() => {
        timers.delete(incidentId);
        listEntries(incidentId, EVERYTHING, {direction: 'desc', perPage: 1}).then((page) => noteCount(incidentId, page), () => undefined);
    }, COUNT_WAIT_MS));
}
