import type {Browser, BrowserContext, BrowserContextOptions, Page, WebSocketRoute} from '@playwright/test';

import type {Person} from './person';
import {baseURL, frame, pluginId} from './settings';

/** What went wrong on a page although no expectation looked at it. */
export class Watch {
    private readonly found: string[] = [];
    private readonly expected: RegExp[] = [];

    constructor(page: Page) {
        page.on('console', (message) => {
            if (message.type() === 'error' || message.type() === 'warning') {
                this.found.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
            }
        });
        page.on('pageerror', (error) => this.found.push(`unhandled: ${error.stack ?? error.message}`));
        page.on('response', (response) => {
            if (response.status() >= 500) {
                this.found.push(`${response.request().method()} ${response.url()} answered ${response.status()}`);
            }
        });
    }

    /** Says that the test provokes such a message. */
    allow(pattern: RegExp): void {
        this.expected.push(pattern);
    }

    problems(): string[] {
        return this.found.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
    }
}

const watches = new WeakMap<Page, Watch>();

/** Lets the test go on although the page reports such an error. Name as little as possible. */
export function allowErrors(page: Page, pattern: RegExp): void {
    watchOf(page).allow(pattern);
}

/** The websocket of a page, to be cut and mended. Has to be asked for before the page is opened. */
export async function holdSocket(page: Page): Promise<{cut: () => Promise<void>; mend: () => void}> {
    const open = new Set<WebSocketRoute>();
    let isCut = false;
    await page.routeWebSocket(/\/api\/v4\/websocket/, async (socket) => {
        if (isCut) {
            await socket.close();
            return;
        }
        const server = socket.connectToServer();
        open.add(socket);
        server.onClose(() => open.delete(socket));
    });
    return {
        cut: async () => {
            isCut = true;
            await Promise.all([...open].map((socket) => socket.close()));
            open.clear();
        },
        mend: () => {
            isCut = false;
        },
    };
}

/** Lets the server replay no events that the page has missed: one that was restarted does not remember them. */
export async function forgetEvents(page: Page): Promise<void> {
    await page.route(/\/api\/v4\/config\/client/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({response, json: {...await response.json(), EnableReliableWebSockets: 'false'}});
    });
}

/** Answers requests to the plugin whose path matches with 500 until the returned function is called. */
export async function failRequests(page: Page, method: string, path: RegExp): Promise<() => Promise<void>> {
    allowErrors(page, /(status of|answered) 500/);
    const matches = (url: URL) => url.pathname.includes(`/plugins/${pluginId}/`) && path.test(url.pathname);
    await page.route(matches, (route) => (route.request().method() === method ?
        route.fulfill({status: 500, json: {error: 'internal', details: 'The database is gone.'}}) :
        route.fallback()));
    return () => page.unroute(matches);
}

export function watchOf(page: Page): Watch {
    const watch = watches.get(page);
    if (!watch) {
        throw new Error('the page was not opened by visit()');
    }
    return watch;
}

/**
 * Browser contexts of a worker, used by one test after the other: what they keep of the scripts makes pages load in half
 * the time. Between two tests they forget everything about the user.
 */
export class Contexts {
    private readonly idle: BrowserContext[] = [];

    constructor(private readonly browser: Browser, private readonly options: BrowserContextOptions) {}

    async take(): Promise<BrowserContext> {
        return this.idle.pop() ?? this.browser.newContext(this.options);
    }

    /** A context of its own, for options that the others do not have. */
    special(options: BrowserContextOptions): Promise<BrowserContext> {
        return this.browser.newContext({...this.options, ...options});
    }

    async giveBack(context: BrowserContext): Promise<void> {
        const [page, ...others] = context.pages();
        await Promise.all(others.map((other) => other.close()));
        await context.unrouteAll({behavior: 'ignoreErrors'});
        await context.setOffline(false);
        await context.clearCookies();
        if (page) {
            const session = await context.newCDPSession(page);
            await session.send('Storage.clearDataForOrigin', {origin: new URL(baseURL).origin, storageTypes: 'local_storage,indexeddb,cache_storage,service_workers'});
            await page.close({runBeforeUnload: false});
        }
        this.idle.push(context);
    }
}

/** Opens the pages of people and closes them after the test. */
export class Visits {
    private readonly shared: BrowserContext[] = [];
    private readonly own: BrowserContext[] = [];
    readonly pages: Page[] = [];

    constructor(private readonly contexts: Contexts) {}

    /** A page of a browser of its own, in which the person is signed in. Nothing is loaded yet. */
    async page(person: Person, options?: BrowserContextOptions): Promise<Page> {
        const context = await (options ? this.contexts.special(options) : this.contexts.take());
        (options ? this.own : this.shared).push(context);
        await context.addCookies([...person.cookies, {name: 'webhost_frame', value: frame, url: baseURL}]);
        return this.tab(context);
    }

    /** Another tab of the same browser. */
    async tab(context: BrowserContext): Promise<Page> {
        const page = await context.newPage();
        watches.set(page, new Watch(page));
        this.pages.push(page);
        return page;
    }

    async end(): Promise<void> {
        await Promise.all([...this.own.map((context) => context.close()), ...this.shared.map((context) => this.contexts.giveBack(context))]);
    }
}

/**
 * Loads an address below the server's and waits until events come in, so that what others do from now on arrives by
 * the websocket.
 */
export async function open(page: Page, path: string): Promise<void> {
    const greeted = new Promise<void>((resolve) => {
        page.once('websocket', (socket) => {
            socket.on('framereceived', ({payload}) => {
                if (payload.toString().includes('"hello"')) {
                    resolve();
                }
            });
        });
    });
    await page.goto(baseURL + path);
    await greeted;
}

/** Address of a page of the plugin, such as `/incidents`. */
export const backstage = (team: {name: string}, path: string) => `/${team.name}/${pluginId}${path}`;
export const channelPath = (team: {name: string}, channel: {name: string} | string) =>
    `/${team.name}/channels/${typeof channel === 'string' ? channel : channel.name}`;
