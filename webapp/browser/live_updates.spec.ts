import type {Page} from '@playwright/test';

import {channelPath, forgetEvents, holdSocket, open} from './harness/page';
import {dialog, footer, headerIcon, listed, rhs, rhsTitle, stageBlock, submit, tasks, updates} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {endIncident, readIncident, setTask, stages} from './harness/workspace';

const badge = (page: Page) => page.locator('.sidebar--right__title');
const button = (page: Page) => footer(page).locator('button');

/** Of incidents, or of one of them. What belongs to one, such as its follow-ups, is loaded when the summary is opened first. */
const incidentRequest = /\/api\/v0\/incidents(\/[a-z0-9]{26})?(\?|$)/;

test('what one member does, the other sees', inBothFrames, async ({page, borisPage, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(2));
    await workspace.invite(anna, incident, boris);
    for (const one of [page, borisPage]) {
        await open(one, channelPath(workspace.team, incident.channel_id));
        await expect(rhsTitle(one)).toHaveText(incident.name);
        await one.getByTestId('tasks').click();
    }
    const loads: string[] = [];
    borisPage.on('request', (request) => {
        if (request.method() === 'GET' && incidentRequest.test(request.url())) {
            loads.push(request.url());
        }
    });

    await tasks(page, 'First task one').locator('.checkbox').check();
    await expect(tasks(borisPage, 'First task one').locator('.checkbox')).toBeChecked();
    await expect(borisPage.getByTestId('incident-live-region')).toHaveText('1 of 4 tasks finished');

    await tasks(borisPage, 'First task two').locator('.NoAssignee-button').click();
    await rhs(borisPage).locator('.incident-user-select__option').filter({hasText: boris.username}).click();
    await expect(tasks(page, 'First task two').locator('.Assigned-button')).toContainText(boris.username);

    await button(page).click();
    await submit(page);
    await expect(stageBlock(borisPage)).toContainText('(2/2)');
    await expect(tasks(borisPage, 'Second task one')).toBeVisible();

    await borisPage.getByTestId('summary').click();
    await page.getByTestId('summary').click();
    await rhs(page).locator('.Assigned-button').click();
    await rhs(page).locator('.incident-user-select__option').filter({hasText: boris.username}).click();
    await expect(rhs(borisPage).locator('.Assigned-button')).toContainText(boris.username);

    await button(page).click();
    await dialog(page).getByTestId('messageinput').fill('Seen by everybody');
    await submit(page);
    await expect(updates(borisPage)).toContainText('Seen by everybody');

    await borisPage.getByTestId('tasks').click();
    await button(borisPage).click();
    await submit(borisPage);
    await expect(badge(page)).toContainText('Ended');
    await expect(page.getByTestId('incident-live-region')).toHaveText('The incident has ended');
    await button(borisPage).click();
    await expect(badge(page)).toContainText('Ongoing');

    // All of that came by events.
    expect(loads).toEqual([]);
    expect(await readIncident(anna, incident)).toMatchObject({is_active: true, active_stage: 1, commander_user_id: boris.id});
});

for (const {missed, before} of [
    {missed: 'with events replayed', before: () => Promise.resolve()},
    {missed: 'with events gone', before: forgetEvents},
]) {
    test(`after a lost connection all is as it should be, ${missed}`, inBothFrames, async ({page, anna, boris, workspace}) => {
        const shown = await workspace.staged(anna, stages(2));
        const left = await workspace.incident(boris);
        await workspace.invite(boris, left, anna);
        const socket = await holdSocket(page);
        await before(page);
        await open(page, channelPath(workspace.team, shown.channel_id));
        await page.getByTestId('tasks').click();
        await expect(tasks(page, 'First task one').locator('.checkbox')).not.toBeChecked();

        await socket.cut();
        await expect(page.getByText('The connection to the server is lost.')).toBeVisible();
        // The bar at the top takes some of the sidebar's height.
        await expect(button(page)).toBeInViewport({ratio: 1});
        await setTask(anna, shown, 0, 0);
        await workspace.remove(boris, left, anna);
        const made = await workspace.incident(anna);
        socket.mend();

        await expect(tasks(page, 'First task one').locator('.checkbox')).toBeChecked();
        await page.getByTestId('back-button').click();
        await expect(listed(page)).toHaveCount(2);
        await expect(listed(page).filter({hasText: made.name})).toBeVisible();
        await expect(listed(page).filter({hasText: left.name})).toHaveCount(0);

        // Events come again.
        await endIncident(anna, made);
        await expect(listed(page)).toHaveCount(1);
    });

    test(`the incident whose channel I am in, and am removed from while the connection is lost, ${missed}`, inBothFrames, async ({page, anna, boris, workspace}) => {
        const incident = await workspace.incident(boris);
        await workspace.invite(boris, incident, anna);
        const socket = await holdSocket(page);
        await before(page);
        await open(page, channelPath(workspace.team, 'town-square'));
        await headerIcon(page).click();
        await expect(listed(page)).toHaveCount(1);
        await socket.cut();
        await expect(page.getByText('The connection to the server is lost.')).toBeVisible();
        await workspace.remove(boris, incident, anna);
        socket.mend();
        await expect(listed(page)).toHaveCount(0);
        await expect(page.getByTestId('welcome-view')).toBeVisible();
    });
}
