import {useCallback, useEffect, useLayoutEffect, useRef} from 'react';

import {ApiError} from 'src/client/http';
import {Observable, useObserved} from 'src/data/observable';
import {backOff, isNotInTime, isTransient, toApiError} from 'src/data/retry';

export interface QueryState<T> {
    data?: T;
    error?: ApiError;

    /** No data yet, and neither an error. */
    isLoading: boolean;

    /** A request is under way, with or without older data on the screen. */
    isFetching: boolean;
}

type Load<T> = (signal: AbortSignal) => Promise<T>;

interface Entry {
    state: QueryState<unknown>;
    load: Load<unknown>;
    users: number;
    sequence: number;

    /** Changes by events since the request that is under way was sent: its answer may be older than they are. */
    meanwhile: Array<(data: unknown) => unknown>;
    abort?: AbortController;
    timer?: number;
}

const LOADING: QueryState<never> = {isLoading: true, isFetching: true};

/**
 * Answers to read requests, by key. One request per key at a time; of several, only the answer to the latest counts.
 * An entry is forgotten soon after its last user is gone.
 */
export class QueryCache extends Observable {
    private entries = new Map<string, Entry>();

    /** How many times a transient failure is repeated before it is shown. */
    retries = 2;

    read<T>(key: string): QueryState<T> {
        return (this.entries.get(key)?.state ?? LOADING) as QueryState<T>;
    }

    /** Starts following a key; returns the end of it. */
    use<T>(key: string, load: Load<T>): () => void {
        let entry = this.entries.get(key);
        if (entry) {
            entry.load = load;
        } else {
            entry = {state: LOADING, load, users: 0, sequence: 0, meanwhile: []};
            this.entries.set(key, entry);
        }
        const used = entry;
        used.users++;
        if (used.users === 1) {
            this.fetch(key);
        }
        return () => {
            used.users--;
            if (used.users === 0) {
                this.stop(used);
                if (this.entries.get(key) === used) {
                    this.entries.delete(key);
                }
            }
        };
    }

    /**
     * Changes data by hand, from an event, under all keys that start with the prefix. While a request is under way the
     * change is made to its answer as well, so it has to see by itself which of both is newer. It gets undefined where
     * there is no data yet, and may return it.
     */
    set<T>(prefix: string, change: (data: T | undefined) => T | undefined): void {
        const apply = change as (data: unknown) => unknown;
        this.entries.forEach((entry, key) => {
            if (!key.startsWith(prefix)) {
                return;
            }
            if (entry.state.isFetching) {
                entry.meanwhile.push(apply);
            }
            const data = apply(entry.state.data);
            if (data !== entry.state.data) {
                this.put(entry, {...entry.state, data, isLoading: false});
            }
        });
    }

    /** The data that are held under keys with the prefix. */
    held<T>(prefix: string): T[] {
        return [...this.entries].flatMap(([key, {state}]) => (key.startsWith(prefix) && state.data !== undefined ? [state.data as T] : []));
    }

    isFetching(prefix: string): boolean {
        return [...this.entries].some(([key, {state}]) => key.startsWith(prefix) && state.isFetching);
    }

    /** Asks again for what is on the screen; keys that do not start with the prefix are left alone. */
    refresh(prefix = ''): void {
        [...this.entries.keys()].filter((key) => key.startsWith(prefix)).forEach((key) => this.fetch(key));
    }

    fetch(key: string, attempt = 0): void {
        const entry = this.entries.get(key);
        if (!entry) {
            return;
        }
        this.stop(entry);
        const sequence = ++entry.sequence;
        const abort = new AbortController();
        entry.abort = abort;
        const {data} = entry.state;
        this.put(entry, {data, isLoading: data === undefined, isFetching: true});
        entry.load(abort.signal).then(
            (answer) => {
                if (entry.sequence === sequence) {
                    const newest = entry.meanwhile.reduce((held, change) => change(held), answer);
                    entry.meanwhile = [];
                    this.put(entry, {data: newest, isLoading: false, isFetching: false});
                }
            },
            (cause: unknown) => {
                if (entry.sequence !== sequence || abort.signal.aborted) {
                    return;
                }
                // An event has come meanwhile: what was refused may be allowed by now.
                const isOutdated = entry.meanwhile.length > 0;
                if (((isTransient(cause) && !isNotInTime(cause)) || isOutdated) && attempt < this.retries) {
                    entry.timer = window.setTimeout(() => this.fetch(key, attempt + 1), backOff(attempt + 1));
                } else {
                    entry.meanwhile = [];
                    this.put(entry, {data: entry.state.data, error: toApiError(cause), isLoading: false, isFetching: false});
                }
            },
        );
    }

    dispose(): void {
        this.entries.forEach((entry) => this.stop(entry));
        this.entries.clear();
    }

    private stop(entry: Entry): void {
        entry.abort?.abort();
        window.clearTimeout(entry.timer);
    }

    private put(entry: Entry, state: QueryState<unknown>): void {
        entry.state = state;
        this.notify();
    }
}

export const queries = new QueryCache();

/**
 * The answer to a read request, kept fresh by `queries.refresh`, which a reconnect calls. `key` has to name everything that
 * the request depends on; with an empty key nothing is asked.
 */
export function useQuery<T>(key: string, load: Load<T>): QueryState<T> & {reload: () => void} {
    const latest = useRef(load);
    useLayoutEffect(() => {
        latest.current = load;
    });
    useEffect(() => (key ? queries.use<T>(key, (signal) => latest.current(signal)) : undefined), [key]);
    const state = useObserved(queries, () => queries.read<T>(key));
    const reload = useCallback(() => queries.fetch(key), [key]);
    return {...state, reload};
}
