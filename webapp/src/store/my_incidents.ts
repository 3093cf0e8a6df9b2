import {QueryFunctionContext} from '@tanstack/react-query';
import {useMemo} from 'react';

import {ApiError} from 'src/client/http';
import {listActive, listIncidentChannels} from 'src/client/incidents';
import {allData, changeData, client, markStale, subscribe, useQuery, withChanges} from 'src/query/client';
import {useObserved} from 'src/query/observable';
import {isTransient, MOST_REPETITIONS} from 'src/query/retry';
import {channelsKey, INCIDENT_CHANNELS, INCIDENT_OF_CHANNEL, MY_INCIDENTS, myIncidentsKey} from 'src/store/keys';
import {compareAge} from 'src/store/merge';
import {toSummary} from 'src/store/summary';
import {Incident, IncidentRow} from 'src/types/incident';

/** The channels of a team that belong to incidents of which the user is a member, ongoing or ended. */
interface MyChannels {
    ids: ReadonlySet<string>;

    /** False until the server has answered; events may have named some before. */
    isComplete: boolean;
}

let me = '';

/** Says who the user is; the lists are about that user. */
export function setUser(id: string): void {
    me = id;
}

const channelsOf = (teamId: string) => client.getQueryData<MyChannels>(channelsKey(teamId)) ?? {ids: new Set<string>(), isComplete: false};

/** Whether the channel is known to belong to an incident of which the user is a member. */
export const isIncidentChannel = (channelId: string) => allData<MyChannels>([INCIDENT_CHANNELS]).some(({ids}) => ids.has(channelId));

/** The channels of a team that are known to belong to incidents of which the user is a member. */
export const incidentChannels = (teamId: string) => [...channelsOf(teamId).ids];

/** Whether the server has said which of the team's channels belong to incidents. */
export const knowsChannels = (teamId: string) => channelsOf(teamId).isComplete;

/** Calls `listener` when the answer of `isIncidentChannel` may have changed; returns the end of that. */
export const subscribeChannels = (listener: () => void) => subscribe(INCIDENT_CHANNELS, listener);

/** Notes that the user has joined or left the channel of an incident. */
export function noteMembership(teamId: string, channelId: string, isMember: boolean): void {
    const key = channelsKey(teamId);
    if (!client.getQueryData(key)) {
        client.setQueryData(key, channelsOf(teamId));
    }
    changeData<MyChannels>(key, (channels) => {
        if (channels.ids.has(channelId) === isMember) {
            return channels;
        }
        const ids = new Set(channels.ids);
        if (isMember) {
            ids.add(channelId);
        } else {
            ids.delete(channelId);
        }
        return {...channels, ids};
    });
}

/** Notes that the user is not in the channel, in any team, or that it has no incident. */
export function noteLeft(channelId: string): void {
    client.getQueriesData<MyChannels>([INCIDENT_CHANNELS]).forEach(([[, teamId]]) => noteMembership(String(teamId), channelId, false));
    changeData<IncidentRow[]>([MY_INCIDENTS], (rows) => (rows.some((row) => row.channel_id === channelId) ? rows.filter((row) => row.channel_id !== channelId) : rows));
}

async function fetchChannels(context: QueryFunctionContext): Promise<MyChannels> {
    const {queryKey} = context;
    const teamId = String(queryKey[1]);
    const before = channelsOf(teamId);
    const request = listIncidentChannels({team_id: teamId, member_id: me}).then((ids) => ({ids: new Set(ids), isComplete: true}));
    const channels: MyChannels = await withChanges<MyChannels>(queryKey, request);
    if (context.signal?.aborted) {
        return channels;
    }
    const joined = new Set([...channels.ids].filter((id) => !before.ids.has(id)));

    // There were no events of them before.
    client.getQueriesData([INCIDENT_OF_CHANNEL]).filter(([[, id]]) => joined.has(String(id))).forEach(([key]) => markStale(key));
    const rows = client.getQueryData<IncidentRow[]>(myIncidentsKey(teamId));
    if (before.isComplete && [...joined].some((id) => !rows?.some((row) => row.channel_id === id))) {
        renewList(teamId);
    }
    return channels;
}

/** What the list was answered is stale: it is requested again, now if it is shown, else when it is shown next. */
export function renewList(teamId: string): void {
    void client.invalidateQueries({queryKey: myIncidentsKey(teamId)});
}

/**
 * Asks which channels of a team belong to the user's incidents; drops the answer to an earlier request. A transient failure
 * is repeated with growing delays, MOST_REPETITIONS times. After that, and after a refusal, a reconnect or an event about
 * the user asks again.
 */
export function loadChannels(teamId: string): Promise<void> {
    const key = channelsKey(teamId);
    if (!client.getQueryData(key)) {
        client.setQueryData(key, channelsOf(teamId));
    }
    return client.refetchQueries({queryKey: key, exact: true});
}

/** As loadChannels, unless that is known already, under way or refused. A wait after a failure is cut short. */
export function ensureChannels(teamId: string): void {
    const state = client.getQueryState<MyChannels>(channelsKey(teamId));
    const isWaiting = state?.fetchStatus === 'fetching' && state.fetchFailureCount === 0;
    const isRefused = state?.status === 'error' && !isTransient(state.error);
    if (!state?.data?.isComplete && !isWaiting && !isRefused) {
        void loadChannels(teamId);
    }
}

/** Forgets the channels and lists of all other teams. They are requested when the user enters those. */
export function forgetTeamsExcept(teamId: string): void {
    client.removeQueries({predicate: ({queryKey: [kind, id]}) => (kind === INCIDENT_CHANNELS || kind === MY_INCIDENTS) && id !== teamId});
}

/** What the list shows of a whole incident. */
export function rowOf(incident: Incident): IncidentRow {
    const {status_posts: posts} = incident;
    const last = (posts ?? []).reduce((newest, post) => (post.delete_at ? newest : Math.max(newest, post.create_at)), 0);
    return {...toSummary(incident), last_status_at: last};
}

const inOrder = (rows: IncidentRow[]) => [...rows].sort((a, b) => b.create_at - a.create_at || (a.id < b.id ? -1 : 1));

/** Puts a row into the list unless the list has a newer one. Ended incidents leave it. */
function withRow(rows: IncidentRow[], row: IncidentRow): IncidentRow[] {
    const held = rows.find(({id}) => id === row.id);
    if (held && compareAge(held, row) > 0) {
        return rows;
    }
    const others = rows.filter((one) => one !== held);
    if (!row.is_active) {
        return held ? others : rows;
    }
    return inOrder([...others, row]);
}

/** Updates the user's list from an answer or event. */
export function changeRow(incident: Incident): void {
    changeData<IncidentRow[]>(myIncidentsKey(incident.team_id), (rows) => withRow(rows, rowOf(incident)));
}

/**
 * Requests the user's ongoing incidents of a team. `newer` gets each row of the answer that has not left the list meanwhile,
 * and returns the whole incident if it is held and no older.
 */
async function fetchList(context: QueryFunctionContext, newer: (row: IncidentRow) => Incident | undefined): Promise<IncidentRow[]> {
    const teamId = String(context.queryKey[1]);
    const rows = await withChanges(myIncidentsKey(teamId), listActive(teamId, me).then(inOrder));
    if (context.signal?.aborted) {
        return rows;
    }
    rows.forEach(({channel_id: id}) => noteMembership(teamId, id, true));
    return rows.flatMap((row) => newer(row) ?? []).reduce((newest, incident) => withRow(newest, rowOf(incident)), rows);
}

/** Sets how the list is loaded, see fetchList. */
export function setListLoader(newer: (row: IncidentRow) => Incident | undefined): void {
    client.setQueryDefaults([MY_INCIDENTS], {queryFn: (context) => fetchList(context, newer), staleTime: Infinity, retry: false});
}

/** A post of a channel was deleted; returns whether it was the newest status update of a row, which is stale then. */
export function newestPostDeleted(channelId: string, createAt: number): boolean {
    const teams = client.getQueriesData<IncidentRow[]>([MY_INCIDENTS]).filter(([, rows]) =>
        rows?.some((row) => row.channel_id === channelId && row.last_status_at === createAt));
    teams.forEach(([[, teamId]]) => renewList(String(teamId)));
    return teams.length > 0;
}

client.setQueryDefaults([INCIDENT_CHANNELS], {
    queryFn: fetchChannels,
    cacheTime: Infinity,
    structuralSharing: false,
    retry: (failures, error) => isTransient(error) && failures < MOST_REPETITIONS,
});

export function useIsIncidentChannel(channelId: string): boolean {
    return useObserved(channelChanges, () => isIncidentChannel(channelId));
}

export interface ListState {
    /** Newest start first. */
    incidents: IncidentRow[];
    error?: ApiError;
    isLoading: boolean;
    reload: () => void;
}

const NO_ROWS: IncidentRow[] = [];
const channelChanges = {subscribe: subscribeChannels};

/** The rows of those ongoing incidents of a team in whose channels the user is. */
const shownRows = (rows: IncidentRow[] | undefined, channels: MyChannels | undefined) => rows?.filter(({channel_id: id}) => channels?.ids.has(id)) ?? NO_ROWS;

/** What `useIncidentList` shows now. */
export const myIncidents = (teamId: string) => shownRows(client.getQueryData(myIncidentsKey(teamId)), client.getQueryData(channelsKey(teamId)));

/** The user's ongoing incidents of a team. */
export function useIncidentList(teamId: string): ListState {
    const {data, error, isLoading, reload} = useQuery<IncidentRow[]>(myIncidentsKey(teamId), undefined, {enabled: teamId !== '', staleTime: Infinity});
    const channels = useObserved(channelChanges, () => client.getQueryData<MyChannels>(channelsKey(teamId)));
    const incidents = useMemo(() => shownRows(data, channels), [data, channels]);
    return {incidents, error, isLoading, reload};
}
