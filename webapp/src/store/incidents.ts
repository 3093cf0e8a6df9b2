import {useMemo} from 'react';

import {ApiError} from 'src/client/http';
import {getIncident, getIncidentByChannel} from 'src/client/incidents';
import {allData, client, isActive, limitKept, markStale, onClear, refresh, subscribe, useQuery} from 'src/query/client';
import {useObserved} from 'src/query/observable';
import {toApiError} from 'src/query/retry';
import {INCIDENT, INCIDENT_OF_CHANNEL, incidentKey, myIncidentsKey, ofChannelKey} from 'src/store/keys';
import {compareAge, newest, withPostDeleted} from 'src/store/merge';
import {changeRow, isIncidentChannel, noteLeft, noteMembership, renewList, setListLoader} from 'src/store/my_incidents';
import {pendingChanges, withPatches} from 'src/store/pending_changes';
import {Incident, IncidentChanged, IncidentDeleted} from 'src/types/incident';

/** How many whole incidents are kept that no component shows. */
const MOST_KEPT = 50;

/** Counts how often the user has left a channel: answers to requests from before are dropped. */
const departures = new Map<string, number>();

/** The incident of a channel as the server said last, without optimistic updates. */
export function confirmedIncident(channelId: string): Incident | undefined {
    const id = client.getQueryData<string | null>(ofChannelKey(channelId));
    return id ? client.getQueryData<Incident>(incidentKey(id)) : undefined;
}

/** The incident of a channel as it is shown, with optimistic updates. */
export function shownIncident(channelId: string): Incident | undefined {
    const incident = confirmedIncident(channelId);
    return incident && withPatches(incident, pendingChanges.of(incident.id));
}

/** Calls `listener` after an incident has changed; returns the end of that. */
export const subscribeIncidents = (listener: () => void) => subscribe(INCIDENT, listener);

/** Ids of incidents that were deleted for good. What was sent before is dropped. */
const deletedIds = new Set<string>();

onClear(() => deletedIds.clear());

export const isDeleted = (id: string) => deletedIds.has(id);

/** Whether an incident, and not another one of its channel, is the channel's: the ongoing one is, else the newest, as on the server. */
function isOfChannel(incident: Incident): boolean {
    const id = client.getQueryData<string | null>(ofChannelKey(incident.channel_id));
    const other = id && id !== incident.id ? client.getQueryData<Incident>(incidentKey(id)) : undefined;
    if (!other || other.channel_id !== incident.channel_id) {
        return true;
    }
    return other.is_active === incident.is_active ? incident.create_at > other.create_at : incident.is_active;
}

/** Takes an incident from an answer, unless a newer revision is held. */
export function takeIncident(incident: Incident): void {
    client.setQueryData(incidentKey(incident.id), incident);
    if (isOfChannel(incident)) {
        client.setQueryData(ofChannelKey(incident.channel_id), incident.id);
    }
    changeRow(incident);
}

/** Takes an incident from an event, which only members of its channel get, unless a newer revision is held. */
export function receiveIncident(incident: Incident): void {
    noteMembership(incident.team_id, incident.channel_id, true);
    takeIncident(incident);
}

/** The user is no longer in the channel, or it has no incident. */
export function forgetChannel(channelId: string): void {
    departures.set(channelId, (departures.get(channelId) ?? 0) + 1);
    noteLeft(channelId);
    const id = client.getQueryData<string | null>(ofChannelKey(channelId));
    client.setQueryData(ofChannelKey(channelId), null);
    if (id) {
        pendingChanges.remove(id);
        client.removeQueries({queryKey: incidentKey(id), type: 'inactive'});
    }
}

/** An incident was deleted for good. Who shows it asks for it, and is told that it does not exist. */
export function incidentDeleted({id, channel_id: channelId}: IncidentDeleted): void {
    deletedIds.add(id);
    forgetChannel(channelId);
    void refresh(incidentKey(id));
}

/** Repeats a request that was refused when an event has changed the data meanwhile: it may be allowed by now. */
async function unlessChanged<T>(key: readonly unknown[], load: () => Promise<T>): Promise<T> {
    const before = client.getQueryState(key)?.dataUpdateCount;
    try {
        return await load();
    } catch (cause) {
        if (toApiError(cause).isNotFound && client.getQueryState(key)?.dataUpdateCount !== before) {
            return load();
        }
        throw cause;
    }
}

async function loadOfChannel(channelId: string, isAborted = () => false): Promise<string | null> {
    const before = departures.get(channelId);
    const current = () => client.getQueryData<string | null>(ofChannelKey(channelId)) ?? null;
    try {
        const incident = await unlessChanged(ofChannelKey(channelId), () => getIncidentByChannel(channelId));
        if (isAborted() || departures.get(channelId) !== before) {
            return current();
        }
        takeIncident(incident);
        return incident.id;
    } catch (cause) {
        if (!toApiError(cause).isNotFound) {
            throw cause;
        }
        if (!isAborted() && departures.get(channelId) === before) {
            forgetChannel(channelId);
        }
        return current();
    }
}

/**
 * Asks what the server holds of a channel's incident, because a change may have been lost. Requests that are under way are
 * not joined: they may have been answered before the change. Failures are ignored.
 */
export async function reloadIncident(channelId: string): Promise<void> {
    await loadOfChannel(channelId).catch(() => undefined);
}

/** A post was deleted; returns whether it was a status update of an incident that is held. */
export function statusPostDeleted(postId: string, at: number): boolean {
    const changed = allData<Incident>([INCIDENT]).filter(({status_posts: posts}) => posts.some(({id}) => id === postId));
    changed.forEach((incident) => {
        const next = withPostDeleted(incident, postId, at);
        client.setQueryData(incidentKey(incident.id), next);
        changeRow(next);
    });
    return changed.length > 0;
}

/**
 * Notes from an event that an incident of the user has changed, without saying how. What is held of it is stale then, and is
 * requested when it is shown next. Returns whether it is shown now.
 */
export function noteChanged(changed: IncidentChanged): boolean {
    if (isDeleted(changed.id)) {
        return false;
    }
    noteMembership(changed.team_id, changed.channel_id, true);
    const held = client.getQueryData<Incident>(incidentKey(changed.id));
    if (held && compareAge(held, changed) >= 0) {
        return false;
    }
    markStale(incidentKey(changed.id));
    markStale(ofChannelKey(changed.channel_id));
    const isListed = isActive(myIncidentsKey(changed.team_id)) && held?.is_active !== false;
    if (isListed || isActive(incidentKey(changed.id)) || isActive(ofChannelKey(changed.channel_id))) {
        return true;
    }
    renewList(changed.team_id);
    return false;
}

client.setQueryDefaults([INCIDENT], {
    queryFn: ({queryKey}) => unlessChanged(queryKey, () => getIncident(String(queryKey[1]))),
    structuralSharing: ((held: Incident | undefined, fresh: Incident) => newest(held, fresh)) as <T>(held: T | undefined, fresh: T) => T,
});
client.setQueryDefaults([INCIDENT_OF_CHANNEL], {
    queryFn: (context) => loadOfChannel(String(context.queryKey[1]), () => context.signal?.aborted === true),

    // The sidebar says at once that it failed, and offers to try again.
    retry: false,
});
limitKept(INCIDENT, MOST_KEPT);

// What is held of an incident and older than its row is requested when it is shown next.
setListLoader((row) => {
    const held = client.getQueryData<Incident>(incidentKey(row.id));
    if (held && compareAge(held, row) < 0) {
        void client.invalidateQueries({queryKey: incidentKey(row.id)});
        void client.invalidateQueries({queryKey: ofChannelKey(row.channel_id)});
        return undefined;
    }
    return held;
});

export interface IncidentState {
    incident?: Incident;
    error?: ApiError;
    isLoading: boolean;
    reload: () => void;
}

function usePatched(incident: Incident | undefined): Incident | undefined {
    const patches = useObserved(pendingChanges, () => pendingChanges.of(incident?.id ?? ''));
    return useMemo(() => withPatches(incident, patches), [incident, patches]);
}

/** Events keep an incident current for members of its channel; for others it is requested whenever it is shown. */
const staleTimeOf = (incident: Incident | undefined) => (incident && isIncidentChannel(incident.channel_id) ? Infinity : 0);

/** The incident of a channel. */
export function useIncidentOfChannel(channelId: string): IncidentState {
    const options = {enabled: channelId !== '', staleTime: staleTimeOf(confirmedIncident(channelId))};
    const {data: id, error, isFetching, reload} = useQuery<string | null>(ofChannelKey(channelId), undefined, options);
    const {data} = useQuery<Incident>(incidentKey(id ?? ''), undefined, {enabled: false});
    const incident = usePatched(data);
    return {incident, error, isLoading: !incident && !error && isFetching, reload};
}

/** An incident by its id. */
export function useIncident(id: string): IncidentState {
    const staleTime = staleTimeOf(client.getQueryData<Incident>(incidentKey(id)));
    const {data, error, isLoading, reload} = useQuery<Incident>(incidentKey(id), undefined, {staleTime});
    return {incident: usePatched(data), error, isLoading, reload};
}
