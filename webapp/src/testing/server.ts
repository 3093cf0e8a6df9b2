import {vi} from 'vitest';

import {PLUGIN_ID} from 'src/manifest';

export interface Call {
    method: string;

    /** Below `/api/v4` as `host:…`, below the plugin's API as it is; without the query. */
    path: string;
    query: Record<string, string>;
    body: unknown;
    headers: Record<string, string>;
}

export interface Answer {
    status?: number;

    /** Sent as JSON; a Blob as it is. */
    body?: unknown;
    headers?: Record<string, string>;
}

type Handler = (call: Call) => Answer | undefined | Promise<Answer | undefined>;

/** An answer that is given when the test says so. */
export function later(): {answer: Promise<Answer>; give: (answer: Answer) => void} {
    let give: (answer: Answer) => void = () => undefined;
    const answer = new Promise<Answer>((resolve) => {
        give = resolve;
    });
    return {answer, give};
}

/** Without a body, what is not there, or not for this user, is answered as this plugin does, with a code. */
function textOf(status: number, body: unknown): string {
    if (body === undefined) {
        return status === 403 || status === 404 ? JSON.stringify({error: '', code: 'test.refused'}) : '';
    }
    return JSON.stringify(body);
}

/** What Mattermost answers for a plugin that is disabled, or is being replaced by another version. */
export const NOT_RUNNING: Answer = {status: 404, body: '404 page not found'};

/** What is not in the table. Mattermost gives a code; this plugin gives none for a route that it does not have. */
const unknown = (path: string): Answer => ({status: 404, body: path.startsWith('host:') ? {id: 'test.not_found', message: 'not found'} : {error: 'not found'}});

const API = `/plugins/${PLUGIN_ID}/api/v0`;

/**
 * A network that answers from a table and records what was asked. Keys are `METHOD path`, for instance
 * `GET /incidents` or `POST host:/users/ids`; a path may end in `*`. What is not in the table is answered with 404.
 */
export function fakeServer(routes: Record<string, Answer | Handler> = {}) {
    const calls: Call[] = [];
    const table = {...routes};

    const find = (method: string, path: string) => table[`${method} ${path}`] ??
        Object.entries(table).find(([key]) => key.endsWith('*') && `${method} ${path}`.startsWith(key.slice(0, -1)))?.[1];

    const fetch = vi.fn(async (input: string, init: RequestInit = {}) => {
        const url = new URL(input, 'http://localhost');
        const pathname = url.pathname.slice((window.basename ?? '').length);
        const path = pathname.startsWith(API) ? pathname.slice(API.length) : pathname.replace(/^\/api\/v4/, 'host:');
        const method = init.method ?? 'GET';
        const call: Call = {
            method,
            path,
            query: Object.fromEntries(url.searchParams),
            body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
            headers: init.headers as Record<string, string>,
        };
        calls.push(call);
        const route = find(method, path);
        const {status = 200, body, headers = {}} = (typeof route === 'function' ? await route(call) : route) ?? unknown(path);
        if (init.signal?.aborted) {
            throw new DOMException('aborted', 'AbortError');
        }
        if (status === 0) {
            throw new TypeError('network');
        }
        return {
            ok: status < 300,
            status,
            headers: new Headers(headers),
            blob: async () => body as Blob,
            text: async () => textOf(status, body),
        };
    });
    vi.stubGlobal('fetch', fetch);

    return {
        calls,

        /** Adds or replaces answers. */
        on: (more: Record<string, Answer | Handler>) => Object.assign(table, more),

        /** The calls to one route so far. */
        to: (method: string, path: string) => calls.filter((call) => call.method === method && call.path === path),
    };
}

export const page = <T>(items: T[], more: Partial<{total_count: number; page_count: number; has_more: boolean; can_create: boolean}> = {}): Answer => ({
    body: {total_count: items.length, page_count: items.length ? 1 : 0, has_more: false, items, ...more},
});
