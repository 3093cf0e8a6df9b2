import {useCallback, useEffect, useRef, useState} from 'react';

import {ApiError} from 'src/client/http';
import {IncidentState, ListState} from 'src/data/incident_entries';
import {incidents} from 'src/data/incident_store';
import {useObserved} from 'src/data/observable';
import {toApiError} from 'src/data/retry';

/** The incident of a channel, from the one copy that all components share. */
export function useIncident(channelId: string): IncidentState & {reload: () => void} {
    useEffect(() => (channelId ? incidents.watch(channelId) : undefined), [channelId]);
    const state = useObserved(incidents, () => incidents.read(channelId));
    const reload = useCallback(() => void incidents.load(channelId), [channelId]);
    return {...state, reload};
}

/** The user's ongoing incidents of a team. */
export function useIncidentList(teamId: string): ListState & {reload: () => void} {
    useEffect(() => (teamId ? incidents.watchList(teamId) : undefined), [teamId]);
    const state = useObserved(incidents, () => incidents.list(teamId));
    const reload = useCallback(() => void incidents.loadList(teamId), [teamId]);
    return {...state, reload};
}

export function useIsIncidentChannel(channelId: string): boolean {
    return useObserved(incidents, () => incidents.isIncidentChannel(channelId));
}

export interface Action<Args extends unknown[]> {
    /** Starts the action unless it is under way; answers whether it succeeded. */
    run: (...args: Args) => Promise<boolean>;
    busy: boolean;

    /** Why it failed last, until it is run again or cleared. */
    error?: ApiError;
    clear: () => void;
}

/** One thing the user can do: never twice at once, and its failure is kept for display beside the control. */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>): Action<Args> {
    const [state, setState] = useState<{busy: boolean; error?: ApiError}>({busy: false});
    const running = useRef(false);
    const mounted = useRef(true);
    const latest = useRef(act);
    latest.current = act;
    useEffect(() => {
        mounted.current = true;
        return () => {
            mounted.current = false;
        };
    }, []);
    const put = useCallback((next: {busy: boolean; error?: ApiError}) => {
        if (mounted.current) {
            setState(next);
        }
    }, []);
    const run = useCallback(async (...args: Args) => {
        if (running.current) {
            return false;
        }
        running.current = true;
        put({busy: true});
        try {
            await latest.current(...args);
            running.current = false;
            put({busy: false});
            return true;
        } catch (cause) {
            running.current = false;
            put({busy: false, error: toApiError(cause)});
            return false;
        }
    }, [put]);
    const clear = useCallback(() => put({busy: false}), [put]);
    return {run, busy: state.busy, error: state.error, clear};
}
