import {useCallback, useRef} from 'react';
import {useHistory, useLocation} from 'react-router-dom';

/** Names and values of a URL's query; undefined or '' takes a name out. */
export type QueryChange = Record<string, string | undefined>;

/** The query of the page's URL as state: survives a reload and can be sent to others. */
export function useUrlQuery(): [URLSearchParams, (change: QueryChange) => void] {
    const location = useLocation();
    const history = useHistory();

    // The host's history is a copy whose `location` stays that of the first page, so the router's has to be remembered.
    const latest = useRef(location);
    latest.current = location;
    const change = useCallback((values: QueryChange) => {
        const params = new URLSearchParams(latest.current.search);
        Object.entries(values).forEach(([name, value]) => (value ? params.set(name, value) : params.delete(name)));
        latest.current = {...latest.current, search: params.toString()};
        history.replace(latest.current);
    }, [history]);
    return [new URLSearchParams(location.search), change];
}

/** Zero-based page number of a query that counts from 1; 0 when it is no number. */
export function pageOf(query: URLSearchParams): number {
    const page = Number(query.get('page') ?? 1);
    return Number.isInteger(page) && page > 0 ? page - 1 : 0;
}

/** The value of a query that is one of the allowed ones, else the first of them. */
export function oneOf<T extends string>(query: URLSearchParams, name: string, allowed: readonly [T, ...T[]]): T {
    const value = query.get(name);
    return allowed.find((one) => one === value) ?? allowed[0];
}
