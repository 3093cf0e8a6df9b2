import {expect, test as base} from '@playwright/test';
import type {Page} from '@playwright/test';

import {Contexts, Visits, watchOf} from './page';
import {newPerson, Person} from './person';
import {contextOptions, Frame, IN_BOTH_FRAMES, runsIn, useFrame} from './settings';
import {Workspace} from './workspace';

/** Details of a test that depends on the web client around the plugin; see `playwright.config.ts`. */
export const inBothFrames = {tag: IN_BOTH_FRAMES};

interface Fixtures {
    /** A new user; `page` is hers. */
    anna: Person;

    /** Another new user of the same team. */
    boris: Person;

    /** A new team with anna, and with boris if the test asks for him. */
    workspace: Workspace;
    visits: Visits;

    chosen: void;

    /** Anna's page, with nothing loaded. */
    page: Page;

    /** Boris's page, in a browser of its own. */
    borisPage: Page;
}

export interface WorkerOptions {
    /** Which web client the page behaves like. */
    frame: Frame;
}

interface WorkerFixtures extends WorkerOptions {
    contexts: Contexts;
}

/**
 * Each test has people and a team of its own, so tests do not meet. A page that reports an error, has an unhandled one
 * or gets an answer of 5xx fails its test.
 */
export const test = base.extend<Fixtures, WorkerFixtures>({
    // The frame has to be chosen before anything is asked of the server.
    anna: async ({contexts}, use) => {
        void contexts;
        await use(await newPerson('Anna', 'Berg'));
    },
    workspace: async ({anna}, use) => {
        await use(await Workspace.create(anna));
    },
    boris: async ({workspace}, use) => {
        const boris = await newPerson('Boris', 'Lund');
        await workspace.join(boris);
        await use(boris);
    },
    frame: ['2021', {option: true, scope: 'worker'}],
    // Before anything is made for the test.
    chosen: [async ({frame}, use, info) => {
        info.skip(!runsIn(frame, info), 'With MM_FRAMES=one it runs in the other frame.');
        await use();
    }, {auto: true}],
    contexts: [async ({browser, frame}, use) => {
        useFrame(frame);
        await use(new Contexts(browser, contextOptions));
    }, {scope: 'worker'}],
    visits: async ({contexts}, use, info) => {
        const visits = new Visits(contexts);
        await use(visits);
        const problems = visits.pages.flatMap((page) => watchOf(page).problems());
        if (info.status !== info.expectedStatus) {
            for (const [index, page] of visits.pages.entries()) {
                await info.attach(`page ${index + 1}`, {body: await page.screenshot(), contentType: 'image/png'});
            }
        }
        await visits.end();
        expect(problems, 'errors reported by the pages').toEqual([]);
    },
    page: async ({visits, anna}, use) => {
        await use(await visits.page(anna));
    },
    borisPage: async ({visits, boris}, use) => {
        await use(await visits.page(boris));
    },
});

export {expect};
