import {ApiError} from 'src/client/http';
import {Incident} from 'src/types/incident';

export type Change = (incident: Incident) => Incident;

export interface IncidentState {
    incident?: Incident;
    error?: ApiError;
    isLoading: boolean;
}

export interface Entry {
    /** As the server said. */
    base?: Incident;

    /** Changes the user made that are not confirmed yet, applied on top of base. */
    pending: Set<Change>;
    state: IncidentState;
    sequence: number;

    /** Counts how often it was given up: answers to what was asked before that are dropped. */
    life: number;

    /** Events may have been missed: it is asked for when it is shown next. */
    isStale: boolean;
    isFetching: boolean;
    viewers: number;
}

/** Whether it has to be asked for before it may be shown as it is. */
export const isWanting = (entry?: Entry) => !entry?.base || entry.isStale;

/** `refused` means that asking again would be answered the same. */
export type LoadState = 'idle' | 'loading' | 'ready' | 'failed' | 'refused';

export interface TeamEntry {
    channels: Set<string>;

    /** What became known while a request for the channels was under way: true is added, false is removed. */
    meanwhile: Map<string, boolean>;
    channelState: LoadState;
    channelSequence: number;
    attempt: number;
    timer?: number;
    listState: LoadState;
    listError?: ApiError;
    listSequence: number;

    /** Channels that were left while a request for the list was under way. */
    gone: Set<string>;
    viewers: number;
}

export interface ListState {
    incidents: Incident[];
    error?: ApiError;
    isLoading: boolean;
}

/** What is known of a channel that was never asked about. */
export const NOTHING: IncidentState = {isLoading: true};

export function newEntry(): Entry {
    return {pending: new Set(), state: NOTHING, sequence: 0, life: 0, isStale: false, isFetching: false, viewers: 0};
}

export function newTeamEntry(): TeamEntry {
    return {channels: new Set(), meanwhile: new Map(), channelState: 'idle', channelSequence: 0, attempt: 0, listState: 'idle', listSequence: 0, gone: new Set(), viewers: 0};
}

/** Notes that the user is in the channel of an incident, or no longer. */
export function noteChannel(team: TeamEntry, channelId: string, isIn: boolean): void {
    team.meanwhile.set(channelId, isIn);
    if (isIn) {
        team.channels.add(channelId);
        team.gone.delete(channelId);
    } else {
        team.channels.delete(channelId);
        team.gone.add(channelId);
    }
}

/** The user's ongoing incidents of a team among all that are held, newest start first. */
export function listOf(all: Incident[], teamId: string, team?: TeamEntry): ListState {
    const incidents = all.
        filter((incident) => incident.team_id === teamId && incident.is_active && team?.channels.has(incident.channel_id)).
        sort((a, b) => b.create_at - a.create_at || (a.id < b.id ? -1 : 1));
    return {incidents, error: team?.listError, isLoading: team?.listState !== 'ready' && team?.listState !== 'failed'};
}

export const isSameList = (a: ListState, b: ListState) =>
    a.error === b.error && a.isLoading === b.isLoading && a.incidents.length === b.incidents.length && b.incidents.every((one, i) => one === a.incidents[i]);
