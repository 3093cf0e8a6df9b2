import {useCallback, useEffect, useRef, useState} from 'react';

import {ApiError} from 'src/client/http';
import {toApiError} from 'src/query/retry';

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
    /** Run again while it is under way, it is not ignored; `act` keeps the order of the calls. */
    isRepeatable?: boolean;

    /** Gets the failure when the component that would show it has been unmounted. */
    onUnmountedError?: (error: ApiError) => void;
}

/** A user action. By default it never runs twice at once. Its failure is kept, to be shown beside the control. */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>, {isRepeatable = false, onUnmountedError}: Options = {}): Action<Args> {
    const [state, setState] = useState<{busy: boolean; error?: ApiError}>({busy: false});
    const running = useRef(0);
    const mounted = useRef(true);
    const latest = useRef({act, onUnmountedError});
    latest.current = {act, onUnmountedError};
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
                latest.current.onUnmountedError?.(error);
            }
            return false;
        }
    }, [show, isRepeatable]);
    const clear = useCallback(() => show(() => undefined), [show]);
    return {run, busy: state.busy, error: state.error, clear};
}
