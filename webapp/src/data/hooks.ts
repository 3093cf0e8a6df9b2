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

    /** Forgets the failure; what is under way goes on, and shows. */
    clear: () => void;
}

interface Options {
    /** Started again while it is under way, it is not dropped: every time counts, and `act` sees to the order. */
    isRepeatable?: boolean;

    /** Gets the failure when the component that would show it is gone. */
    whenGone?: (error: ApiError) => void;
}

/** One thing the user can do: by default never twice at once, and its failure is kept for display beside the control. */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>, {isRepeatable = false, whenGone}: Options = {}): Action<Args> {
    const [state, setState] = useState<{busy: boolean; error?: ApiError}>({busy: false});
    const running = useRef(0);
    const mounted = useRef(true);
    const latest = useRef({act, whenGone});
    latest.current = {act, whenGone};
    useEffect(() => {
        mounted.current = true;
        return () => {
            mounted.current = false;
        };
    }, []);
    const show = useCallback((next: (error?: ApiError) => ApiError | undefined) => {
        if (mounted.current) {
            const busy = running.current > 0;
            setState(({error}) => ({busy, error: next(error)}));
        }
    }, []);
    const run = useCallback(async (...args: Args) => {
        if (running.current > 0 && !isRepeatable) {
            return false;
        }
        running.current++;
        show(() => undefined);
        try {
            await latest.current.act(...args);
            running.current--;
            show((error) => error);
            return true;
        } catch (cause) {
            running.current--;
            const error = toApiError(cause);
            show(() => error);
            if (!mounted.current) {
                latest.current.whenGone?.(error);
            }
            return false;
        }
    }, [show, isRepeatable]);
    const clear = useCallback(() => show(() => undefined), [show]);
    return {run, busy: state.busy, error: state.error, clear};
}
