import {PLUGIN_ID} from 'src/manifest';
import {basePath} from 'src/site';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type QueryValue = string | number | boolean | undefined;

export interface RequestOptions {
    query?: Record<string, QueryValue>;

    /** Sent as JSON. */
    body?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal;

    /** How long the answer is waited for, in milliseconds; WAIT.answer when absent. */
    wait?: number;

    /** Gets the HTTP status of an answer with success. */
    onStatus?: (status: number) => void;

    /** The request goes on when the page is closed. */
    keepalive?: boolean;
}

/**
 * How long answers are waited for, in milliseconds. A change of a task is short, since the next one waits for it; a command
 * may call other services.
 */
export const WAIT = {answer: 30_000, change: 15_000, command: 120_000, file: 600_000};

/** Code of the ApiError when the wait for an answer was given up. */
export const NOT_IN_TIME = 'client.not_in_time';

/** A request that was not answered with success. */
export class ApiError extends Error {
    /** HTTP status; 0 when no answer came. */
    readonly status: number;

    /** The server's own explanation for users, in its language; '' when there is none. */
    readonly details: string;

    /** Stable name of the cause, such as `incident.ended`; '' when there is none. */
    readonly code: string;

    /** The answer's JSON object; `{}` when there is none. */
    readonly body: Record<string, unknown>;

    constructor(status: number, message: string, details = '', code = '', body: Record<string, unknown> = {}) {
        super(message);
        this.name = 'ApiError';
        this.status = status;
        this.details = details;
        this.code = code;
        this.body = body;
    }

    /**
     * The thing does not exist, or the user may not know whether it does. Whoever knows that says so with a code: without one, the answer is
     * Mattermost's for a plugin that does not run at this moment, or that of a proxy.
     */
    get isNotFound(): boolean {
        return (this.status === 403 || this.status === 404) && this.code !== '';
    }
}

/** Full path of a route of Mattermost's REST API. */
export function hostUrl(path: string): string {
    return `${basePath()}/api/v4${path}`;
}

/** Full path of a route of this plugin's REST API. */
export function pluginUrl(path: string): string {
    return `${basePath()}/plugins/${PLUGIN_ID}/api/v0${path}`;
}

function withQuery(url: string, query: Record<string, QueryValue> = {}): string {
    const params = new URLSearchParams();
    Object.entries(query).forEach(([key, value]) => {
        if (value !== undefined && value !== '') {
            params.set(key, String(value));
        }
    });
    const text = params.toString();
    return text ? `${url}?${text}` : url;
}

function csrfToken(): string {
    return (/(?:^|;\s*)MMCSRF=([^;]*)/).exec(document.cookie)?.[1] ?? '';
}

/** The error of an answer with this status and text. */
export function apiErrorOf(status: number, text: string): ApiError {
    try {
        const body: unknown = JSON.parse(text);
        if (typeof body === 'object' && body !== null) {
            // This plugin says `error` and, in the user's language, `localized_error`; Mattermost says `message`. All are made for users.
            const {error, localized_error: localized, message, code, id} = body as Record<string, unknown>;
            const said = [localized, error, message].find((t): t is string => typeof t === 'string' && t !== '') ?? '';
            const name = [code, id].find((t): t is string => typeof t === 'string') ?? '';
            return new ApiError(status, said || `HTTP ${status}`, said, name, body as Record<string, unknown>);
        }
    } catch {
        // Not JSON: the status alone has to do.
    }
    return new ApiError(status, `HTTP ${status}`);
}

/**
 * Does something that can be aborted and gives up when it takes longer than `wait` milliseconds, with an ApiError of
 * NOT_IN_TIME, or when the signal says so, with an AbortError. Either happens at once, also when the abort is not heeded.
 */
export function inTime<T>(wait: number, signal: AbortSignal | undefined, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    return new Promise<T>((resolve, reject) => {
        const end = () => {
            window.clearTimeout(timer);
            signal?.removeEventListener('abort', cancel);
        };
        const giveUp = (cause: Error) => {
            end();
            reject(cause);
            abort.abort();
        };
        const cancel = () => giveUp(new DOMException('cancelled', 'AbortError'));
        const timer = window.setTimeout(() => giveUp(new ApiError(0, 'no answer in time', '', NOT_IN_TIME)), wait);
        signal?.addEventListener('abort', cancel);
        act(abort.signal).then((answer) => {
            end();
            resolve(answer);
        }, (cause: unknown) => {
            end();
            reject(cause instanceof Error ? cause : new Error(String(cause)));
        });
        if (signal?.aborted) {
            cancel();
        }
    });
}

/**
 * Sends one request with the session's cookie and decodes the JSON answer as T; an empty answer is undefined.
 * Throws ApiError, or an AbortError when the signal ends it.
 */
export function request<T>(method: Method, url: string, {signal, wait = WAIT.answer, ...options}: RequestOptions = {}): Promise<T> {
    return inTime(wait, signal, (either) => send<T>(method, url, {...options, signal: either}));
}

async function send<T>(method: Method, url: string, {query, body, headers: more, signal, onStatus, keepalive}: RequestOptions): Promise<T> {
    const headers: Record<string, string> = {Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest', ...more};
    const token = csrfToken();
    if (token && method !== 'GET') {
        headers['X-CSRF-Token'] = token;
    }
    const init: RequestInit = {method, headers, credentials: 'same-origin', signal};
    if (keepalive) {
        init.keepalive = true;
    }
    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
        init.body = JSON.stringify(body);
    }

    let response: Response;
    let text: string;
    try {
        response = await fetch(withQuery(url, query), init);
        text = await response.text();
    } catch (cause) {
        if (signal?.aborted) {
            throw cause;
        }
        throw new ApiError(0, 'no answer');
    }
    if (!response.ok) {
        throw apiErrorOf(response.status, text);
    }
    onStatus?.(response.status);
    try {
        return (text ? JSON.parse(text) : undefined) as T;
    } catch {
        throw new ApiError(response.status, 'answer is not JSON');
    }
}
