import type {Locator, Page} from '@playwright/test';

import {reachable} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {newPerson} from './harness/person';
import {footer, openMenu, rhs, tasks} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';

/** The search field of the open list of people and at least `count` of them can be seen and pressed. */
async function expectPeople(page: Page, count: number) {
    const options = page.locator('.incident-user-select__option');
    await expect.poll(() => options.count()).toBeGreaterThanOrEqual(count);
    await expect.poll(async () => (await reachable(options)).length).toBeGreaterThanOrEqual(count);
    await expect.poll(async () => (await reachable(page.locator('.incident-user-select__control'))).length).toBe(1);
}

async function expectWholeMenu(page: Page, opener: Locator, entries: number) {
    await opener.scrollIntoViewIfNeeded();
    await opener.click();
    await expect.poll(async () => (await reachable(openMenu(page).locator('[role^=menuitem]'))).length).toBe(entries);
    await page.keyboard.press('Escape');
    await expect(openMenu(page)).toBeHidden();
}

const TITLES = Array.from({length: 14}, (_, index) => `Task number ${index + 1}`);
const twoStages = [{title: 'First', items: TITLES.map((title) => ({title}))}, {title: 'Last', items: [{title: 'After it'}]}];

for (const [width, height] of [[1366, 650], [1280, 480], [375, 600]] as const) {
    test(`lists of people are in sight at ${width} × ${height}`, inBothFrames, async ({page, anna, workspace}) => {
        await page.setViewportSize({width, height});
        const others = await Promise.all(Array.from({length: 9}, (_, index) => newPerson(`Person-${index}`)));
        await workspace.join(...others);
        const incident = await workspace.staged(anna, twoStages);
        for (const one of others) {
            await workspace.invite(anna, incident, one);
        }
        await open(page, channelPath(workspace.team, incident.channel_id));
        if (width < 768) {
            await page.locator('#navbar').getByRole('button', {name: 'Incidents'}).click();
        }
        await rhs(page).locator('.Assigned-button').click();
        await expectPeople(page, 3);
        await page.keyboard.press('Escape');
        await page.getByTestId('tasks').click();
        for (const number of [1, 5, 8, 12, 14]) {
            const opener = tasks(page).nth(number - 1).locator('.NoAssignee-button');
            await opener.scrollIntoViewIfNeeded();
            await opener.click();
            await expectPeople(page, 3);
            // What is found is fewer; the field stays in sight while it is typed.
            await page.keyboard.type('Person-7');
            await expect(page.locator('.incident-user-select__option')).toHaveCount(1);
            await expectPeople(page, 1);
            await page.keyboard.press('Escape');
        }
    });
}

for (const [width, height] of [[1024, 560], [1366, 420], [375, 560], [320, 560]] as const) {
    test(`menus are whole at ${width} × ${height}`, inBothFrames, async ({page, anna, workspace}) => {
        await page.setViewportSize({width, height});
        const incident = await workspace.staged(anna, twoStages);
        await anna.plugin('PATCH', `/incidents/${incident.id}`, {active_stage: 0});
        await open(page, channelPath(workspace.team, incident.channel_id));
        if (width < 768) {
            await page.locator('#navbar').getByRole('button', {name: 'Incidents'}).click();
        }
        await page.getByTestId('tasks').click();
        for (const number of [1, 7, 14]) {
            await expectWholeMenu(page, tasks(page).nth(number - 1).getByRole('button', {name: /^More for/}), 5 - (number === 1 || number === 14 ? 1 : 0));
        }
        await expectWholeMenu(page, footer(page).getByRole('button', {name: 'More actions'}), 1);

        await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
        await page.getByRole('button', {name: 'Export'}).click();
        await expect.poll(async () => (await reachable(page.getByRole('menuitem'))).length).toBe(3);
        await page.keyboard.press('Escape');

        await open(page, backstage(workspace.team, '/incidents'));
        await page.getByRole('button', {name: /Commander/}).first().click();
        await expectPeople(page, 1);
    });
}

test('tooltips stay within the window', inBothFrames, async ({page, anna, workspace}) => {
    await page.setViewportSize({width: 320, height: 560});
    const incident = await workspace.incident(anna);
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    const members = page.locator('section', {hasText: 'Members involved'}).locator('span', {hasText: /^\d+$/}).last();
    await members.hover();
    const tip = page.getByRole('tooltip');
    await expect(tip).toBeVisible();
    await expect.poll(async () => {
        const box = await tip.boundingBox();
        return box && box.x >= 0 && box.x + box.width <= 320 && box.y >= 0 && box.y + box.height <= 560;
    }).toBe(true);
});
