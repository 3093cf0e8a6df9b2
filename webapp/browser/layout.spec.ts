import type {Locator} from '@playwright/test';

import {expectNoSideways} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {newPerson} from './harness/person';
import {rhs, stageBlock, tasks} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';

async function place(element: Locator) {
    const box = await element.boundingBox();
    if (!box) {
        throw new Error('the element has to be visible');
    }
    return {...box, right: box.x + box.width, middle: box.y + (box.height / 2)};
}

test('a long name of the commander stays within the sidebar', inBothFrames, async ({page, anna, workspace}) => {
    const long = await newPerson('Maximiliane-of-Hohenfels-and-everywhere');
    await workspace.join(long);
    const incident = await workspace.incident(anna);
    await workspace.invite(anna, incident, long);
    await anna.plugin('POST', `/incidents/${incident.id}/commander`, {commander_id: long.id});
    await open(page, channelPath(workspace.team, incident.channel_id));
    const selector = rhs(page).locator('.Assigned-button');
    await expect(selector).toContainText(long.username);
    expect((await place(selector)).right).toBeLessThanOrEqual((await place(rhs(page))).right);
});

test('long titles leave the counter, the box and the menu where they are looked for', inBothFrames, async ({page, anna, workspace}) => {
    const title = 'A title that is far longer than the sidebar is wide, as people write them when they are tired';
    const incident = await workspace.staged(anna, [{title, items: [{title}, {title: 'Short'}]}, {title: 'Last', items: []}]);
    await open(page, channelPath(workspace.team, incident.channel_id));
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

test('the people who can be invited are listed in the whole dialog', inBothFrames, async ({page, anna, boris, workspace}) => {
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('invite-people').click();
    const modal = page.getByRole('dialog');
    await expect(modal.getByText(`@${boris.username}`)).toBeVisible();
    expect((await place(modal.getByRole('listbox'))).width).toBeGreaterThan((await place(modal)).width - 60);
});

test('a name that is cut in a list can be read', inBothFrames, async ({page, anna, workspace}) => {
    await page.setViewportSize({width: 1024, height: 700});
    const long = `Outage ${'W'.repeat(57)}`;
    await workspace.playbook(anna, {title: `${long} ${long}`});
    await workspace.playbook(anna, {title: 'Short'});
    await workspace.incident(anna, {name: long});
    for (const [list, name, title] of [['/playbooks', `${long} ${long}`, `${long} ${long}`], ['/playbooks', 'Short', ''], ['/incidents', long, long]] as const) {
        await open(page, backstage(workspace.team, list));
        const link = page.getByRole('link', {name, exact: true});
        const box = await link.boundingBox();
        await page.mouse.move((box?.x ?? 0) + 10, (box?.y ?? 0) + 10);
        await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 10);
        await expect(link).toHaveAttribute('title', title);
    }
});

test('long names of people do not widen the pages of a narrow screen', async ({page, anna, boris, workspace}) => {
    await page.setViewportSize({width: 320, height: 640});
    for (const person of [anna, boris]) {
        await person.host('PUT', '/users/me/patch', {first_name: 'Maximiliane Philippa', last_name: 'of Hohenfels and everywhere else'});
        await person.host('PUT', `/users/${person.id}/preferences`, [{user_id: person.id, category: 'display_settings', name: 'name_format', value: 'full_name'}]);
    }
    const roles = [{key: 'scribe', name: 'Scribe', description: '', default: {kind: 'user' as const, user_id: boris.id}}];
    const playbook = await workspace.playbook(anna, {roles, member_ids: [anna.id, boris.id], invitations: {user_ids: [boris.id], group_ids: []}});
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page.getByText('Maximiliane').first()).toBeVisible();
    await expectNoSideways(page);
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    for (const tab of ['Tasks', 'Roles', 'Channel']) {
        await page.getByRole('tab', {name: tab}).click();
        await expect(page.getByText('Maximiliane').first()).toBeVisible();
        await expectNoSideways(page);
    }
});
