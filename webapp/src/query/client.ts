import {focusManager, hashQueryKey, QueryClient, QueryKey, useQuery as useTanStackQuery} from '@tanstack/react-query';
import {createContext, useCallback} from 'react';

import {ApiError} from 'src/client/http';
import {backOff, isNotInTime, isTransient, toApiError} from 'src/query/retry';

/** How many times a request for what is shown is repeated after a transient failure. Tests set it to 0. */
export const retryLimit = {count: 2};

/** How long an answer that no component shows is kept, in milliseconds. */
const KEEP_MS = 5 * 60_000;

/**
 * The cache of everything that the server says. Which kind of data a query holds is the first element of its key. The
 * modules in `src/store` set with `client.setQueryDefaults` how data of a kind is loaded and merged.
 */
export const client = new QueryClient({
    // Failures are shown where the data belongs.
    logger: {log: () => undefined, warn: () => undefined, error: () => undefined},
    defaultOptions: {
        queries: {
            networkMode: 'always',
            cacheTime: KEEP_MS,
            refetchOnWindowFocus: false,
            refetchOnReconnect: false,
            retry: (failures, error) => isTransient(error) && !isNotInTime(error) && failures < retryLimit.count,
            retryDelay: (failures) => backOff(failures + 1),
        },
    },
});

// Retries go on in a hidden tab: its websocket events do too.
focusManager.setFocused(true);

// The host renders our components in several places, so that there is no common parent for a provider.
const clientContext = createContext<QueryClient | undefined>(client);

const cache = client.getQueryCache();

export interface QueryState<T> {
    data?: T;

    /** Why the last request failed. Undefined while another one is under way. */
    error?: ApiError;

    /** There is neither data nor an error yet. */
    isLoading: boolean;

    /** A request is under way, with or without older data on the screen. */
    isFetching: boolean;

    /** Sends a new request. */
    reload: () => void;
}

export interface QueryOptions {
    /** False sends no request, and shows what other queries and events have put under the key. */
    enabled?: boolean;

    /** For how many milliseconds data is shown without a new request when a component mounts; 0 when absent. */
    staleTime?: number;

    /** See `retry` of TanStack Query. */
    retry?: (failures: number, error: unknown) => boolean;
}

export type Load<T> = (signal: AbortSignal) => Promise<T>;

/**
 * The answer to a request. `key` has to name everything that the request depends on. One request per key is sent, when the
 * first of the components that show it mounts. `load` may ignore the signal; then the answer is taken also when the
 * component has been unmounted.
 */
export function useQuery<T>(key: QueryKey, load?: Load<T>, {enabled = true, ...options}: QueryOptions = {}): QueryState<T> {
    const isShown = (cache.find(key)?.getObserversCount() ?? 0) > 0;
    const {data, error, isFetching, refetch} = useTanStackQuery<T>({
        queryKey: key,

        // The signal is a getter: reading it makes TanStack Query abort the request on unmount.
        ...(load && {queryFn: (context) => (load.length > 0 ? load(context.signal as AbortSignal) : (load as () => Promise<T>)())}),
        enabled,

        // A failure that is shown stays until the user tries again, also when one more component shows it.
        refetchOnMount: !isShown,
        retryOnMount: !isShown,
        ...options,
        context: clientContext,
    });
    const reload = useCallback(() => void refetch(), [refetch]);
    const shownError = error && !isFetching ? toApiError(error) : undefined;
    return {data, error: shownError, isLoading: data === undefined && !shownError, isFetching, reload};
}

/**
 * Requests what is shown again, and marks what is kept as stale. Answers to earlier requests are dropped. Keys that do not
 * start with the given one are left alone.
 */
export async function refresh(queryKey: QueryKey, isIncluded: (queryKey: QueryKey) => boolean = () => true): Promise<void> {
    // TanStack Query replaces a request that is under way only when there is data already.
    await client.cancelQueries({queryKey, fetchStatus: 'fetching', predicate: (query) => query.state.data === undefined && isIncluded(query.queryKey)});
    await client.invalidateQueries({queryKey, predicate: (query) => isIncluded(query.queryKey)});
}

/** Marks data as stale without a request: the next component that shows it sends one. */
export function markStale(queryKey: QueryKey): void {
    void client.invalidateQueries({queryKey, refetchType: 'none'});
}

/** Whether a component shows the data of the key, or of one that starts with it, and asks for it. */
export const isActive = (queryKey: QueryKey) => cache.findAll(queryKey, {type: 'active'}).length > 0;

/** The data of all keys that start with the given one. */
export const allData = <T>(queryKey: QueryKey): T[] => client.getQueriesData<T>(queryKey).flatMap(([, data]) => (data === undefined ? [] : [data]));

/** Calls `listener` after data under a key that starts with `kind` has changed; returns the end of that. */
export function subscribe(kind: string, listener: () => void): () => void {
    return cache.subscribe(({query}) => {
        if (query.queryKey[0] === kind) {
            listener();
        }
    });
}

type Change = (data: never) => unknown;

/** Changes by events since the request that is under way was sent, by the hash of its key. */
const changesDuringRequest = new Map<string, Change[]>();

/**
 * Changes the data of all keys that start with the given one, because of an event. While a request is under way, the change is
 * made to its answer as well, which may be older: the change has to compare revisions where it matters. For this, the
 * request has to be made by `withChanges`.
 */
export function changeData<T>(queryKey: QueryKey, change: (data: T) => T): void {
    cache.findAll(queryKey).forEach((query) => {
        if (query.state.fetchStatus === 'fetching') {
            changesDuringRequest.get(query.queryHash)?.push(change);
        }
        if (query.state.data !== undefined) {
            client.setQueryData(query.queryKey, change(query.state.data as T));
        }
    });
}

/** Sends a request whose answer gets the changes of `changeData` that were made meanwhile. */
export async function withChanges<T>(queryKey: QueryKey, request: Promise<T>): Promise<T> {
    const hash = hashQueryKey(queryKey);
    const changes: Change[] = [];
    changesDuringRequest.set(hash, changes);
    try {
        return changes.reduce<T>((data, change) => change(data as never) as T, await request);
    } finally {
        if (changesDuringRequest.get(hash) === changes) {
            changesDuringRequest.delete(hash);
        }
    }
}

/** How many results of a kind are kept that no component shows; the oldest are removed first. */
export function limitKept(kind: string, most: number): void {
    cache.subscribe(({type, query}) => {
        if (type !== 'added' || query.queryKey[0] !== kind) {
            return;
        }
        const kept = cache.findAll([kind], {fetchStatus: 'idle'}).filter((one) => one !== query && one.getObserversCount() === 0);
        kept.sort((a, b) => a.state.dataUpdatedAt - b.state.dataUpdatedAt).slice(0, Math.max(kept.length - most, 0)).forEach((one) => cache.remove(one));
    });
}

/** Runs at most `most` requests of a kind at a time; the others wait for their turn. */
export function limitConcurrency(most: number) {
    const waiting: Array<() => void> = [];
    let running = 0;
    return async <T>(send: () => Promise<T>): Promise<T> => {
        if (running >= most) {
            await new Promise<void>((resolve) => waiting.push(resolve));
        } else {
            running++;
        }
        try {
            return await send();
        } finally {
            const next = waiting.shift();
            if (next) {
                next();
            } else {
                running--;
            }
        }
    };
}

const clearListeners = new Set<() => void>();

/** Calls `listener` when the cache is cleared, before its data goes. */
export function onClear(listener: () => void): void {
    clearListeners.add(listener);
}

/** Forgets everything, and drops the answers to what is under way. */
export function clearCache(): void {
    clearListeners.forEach((listener) => listener());
    changesDuringRequest.clear();
    void client.cancelQueries();
    client.clear();
}
