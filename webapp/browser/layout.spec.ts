import type {Locator} from '@playwright/test';

import {channelPath, open} from './harness/page';
import {newPerson} from './harness/person';
import {rhs, stageBlock, tasks} from './harness/screen';
import {expect, test} from './harness/test';

async function place(element: Locator) {
    const box = await element.boundingBox();
    if (!box) {
        throw new Error('the element has to be visible');
    }
    return {...box, right: box.x + box.width, middle: box.y + (box.height / 2)};
}

test('a long name of the commander stays within the sidebar', async ({page, anna, world}) => {
    const long = await newPerson('Maximiliane-of-Hohenfels-and-everywhere');
    await world.join(long);
    const incident = await world.incident(anna);
    await world.invite(anna, incident, long);
    await anna.plugin('POST', `/incidents/${incident.id}/commander`, {commander_id: long.id});
    await open(page, channelPath(world.team, incident.channel_id));
    const selector = rhs(page).locator('.Assigned-button');
    await expect(selector).toContainText(long.username);
    expect((await place(selector)).right).toBeLessThanOrEqual((await place(rhs(page))).right);
});

test('long titles leave the counter, the box and the menu where they are looked for', async ({page, anna, world}) => {
    const title = 'A title that is far longer than the sidebar is wide, as people write them when they are tired';
    const incident = await world.staged(anna, [{title, items: [{title}, {title: 'Short'}]}, {title: 'Last', items: []}]);
    await open(page, channelPath(world.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    const counter = stageBlock(page).locator('span');
    await expect(counter).toHaveText('(1/2)');
    expect((await place(counter)).height).toBeLessThan(30);

    const row = tasks(page).first();
    const box = await place(row.locator('.checkbox'));
    const menu = await place(row.getByRole('button', {name: /^More for/}));
    const grip = await place(row.getByRole('button', {name: /^Move/}));
    expect((await place(row)).height).toBeGreaterThan(70);
    expect(Math.abs(box.middle - menu.middle)).toBeLessThanOrEqual(1);
    expect(Math.abs(box.middle - grip.middle)).toBeLessThanOrEqual(1);
});

test('the people who can be invited are listed in the whole dialog', async ({page, anna, boris, world}) => {
    const incident = await world.incident(anna);
    await open(page, channelPath(world.team, incident.channel_id));
    await page.getByTestId('invite-people').click();
    const modal = page.getByRole('dialog');
    await expect(modal.getByText(`@${boris.username}`)).toBeVisible();
    expect((await place(modal.getByRole('listbox'))).width).toBeGreaterThan((await place(modal)).width - 60);
});
