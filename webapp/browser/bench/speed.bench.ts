import {writeFileSync} from 'fs';

import {expect, test} from '@playwright/test';
import type {BrowserContext, Page} from '@playwright/test';

import {backstage, channelPath, open} from '../harness/page';
import {Person} from '../harness/person';
import {pluginId} from '../harness/settings';

/** What "make bench" has prepared, as JSON in MM_BENCH. */
interface Prepared {
    username: string;
    password: string;
    team: string;
    incidents: Array<{tasks: number; channel: string; name: string}>;
    rounds: number;
    output: string;
}

/** What one action took. Requests and bytes are those of the plugin's files and routes; times are milliseconds. */
interface Spent {
    time: number;
    requests: number;
    bytes: number;
    longestTask: number;
}

const prepared = JSON.parse(process.env.MM_BENCH ?? '{}') as Prepared;
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function visit(context: BrowserContext, person: Person): Promise<Page> {
    await context.addCookies(person.cookies);
    const page = await context.newPage();
    await page.addInitScript(() => {
        const noted = window as unknown as {longTasks: Array<{start: number; duration: number}>};
        noted.longTasks = [];
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) {
                noted.longTasks.push({start: entry.startTime, duration: entry.duration});
            }
        }).observe({type: 'longtask', buffered: true});
        performance.setResourceTimingBufferSize(5000);
    });
    return page;
}

/**
 * Clicks, unless the page has just been loaded, and waits until the page shows what is asked for. The clock is that of
 * the page, so that the connection to the browser does not count.
 */
async function spend(page: Page, {click, shown, text, count}: {click?: string; shown: string; text?: string; count?: number}): Promise<Spent> {
    const {begin, end} = await page.evaluate(async ([selector, wanted, wantedText, wantedCount]) => {
        const start = selector ? performance.now() : 0;
        if (selector) {
            document.querySelector<HTMLElement>(selector as string)?.click();
        }
        const until = performance.now() + 60_000;
        for (;;) {
            const found = [...document.querySelectorAll(wanted as string)].filter((each) => !wantedText || each.textContent === wantedText);
            if (found.length >= ((wantedCount as number | undefined) ?? 1)) {
                return {begin: start, end: performance.now()};
            }
            if (performance.now() > until) {
                throw new Error(`nothing shows ${wanted}`);
            }
            await new Promise((resolve) => requestAnimationFrame(resolve));
        }
    }, [click, shown, text, count] as const);
    await page.waitForTimeout(500); // for what goes on after it
    return page.evaluate(([from, to, id]) => {
        const own = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).
            filter((each) => each.startTime >= (from as number) && each.name.includes(id as string));
        const tasks = (window as unknown as {longTasks: Array<{start: number; duration: number}>}).longTasks.
            filter((each) => each.start + each.duration >= (from as number));
        return {
            time: (to as number) - (from as number),
            requests: own.length,
            bytes: own.reduce((sum, each) => sum + each.transferSize, 0),
            longestTask: Math.max(0, ...tasks.map((each) => each.duration)),
        };
    }, [begin, end, pluginId] as const);
}

test('speed in the browser', async ({browser, contextOptions, viewport}) => {
    const person = await Person.signIn(prepared.username, prepared.password);
    const measured = new Map<string, Spent[]>();
    const note = (what: string, spent: Spent) => measured.set(what, [...measured.get(what) ?? [], spent]);
    const team = {name: prepared.team};
    for (let round = 0; round < prepared.rounds; round++) {
        for (const {tasks, channel, name} of prepared.incidents) {
            const title = {shown: '#rhsContainer [data-testid="rhs-title"]', text: name};
            const context = await browser.newContext({...contextOptions, viewport});
            const page = await visit(context, person);
            await open(page, channelPath(team, channel));
            note(`load the page of a channel, ${tasks} tasks`, await spend(page, title));

            await open(page, channelPath(team, 'town-square'));
            await expect(page.locator(`#sidebarItem_${channel}`)).toBeVisible();
            note(`enter the channel, ${tasks} tasks`, await spend(page, {...title, click: `#sidebarItem_${channel}`}));
            await page.locator('#rhsContainer').getByRole('tab').nth(1).evaluate((tab) => tab.setAttribute('data-bench', ''));
            note(`show all tasks, ${tasks} tasks`, await spend(page, {click: '[data-bench]', shown: '#rhsContainer [data-testid="task"]', count: tasks}));
            await context.close();
        }
        const context = await browser.newContext({...contextOptions, viewport});
        const page = await visit(context, person);
        await open(page, backstage(team, '/incidents'));
        note('load the list of incidents', await spend(page, {shown: '.incident-item'}));
        const head = page.locator('#incidentList [role="columnheader"] button').first();
        await head.evaluate((button) => button.setAttribute('data-bench', ''));
        await head.evaluate(() => {
            for (const row of document.querySelectorAll('.incident-item')) {
                row.setAttribute('data-old', '');
            }
        });
        note('sort the list of incidents by name', await spend(page, {click: '[data-bench]', shown: '.incident-item:not([data-old])', count: 1}));
        await context.close();
    }
    const summary = [...measured].map(([what, all]) => ({
        what,
        time: median(all.map(({time}) => time)),
        requests: median(all.map(({requests}) => requests)),
        bytes: median(all.map(({bytes}) => bytes)),
        longestTask: median(all.map(({longestTask}) => longestTask)),
    }));
    writeFileSync(prepared.output, JSON.stringify(summary));
});
