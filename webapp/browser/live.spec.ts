import type {Page} from '@playwright/test';

import {channelPath, failRequests, forgetEvents, holdSocket, open} from './harness/page';
import {dialog, footer, goTo, headerIcon, listed, rhs, rhsTitle, stageBlock, submit, tasks, updates} from './harness/screen';
import {expect, test} from './harness/test';
import {channelOf, deletePost, endIncident, readIncident, setTask, stages, updateStatus} from './harness/world';

const badge = (page: Page) => page.locator('.sidebar--right__title');
const button = (page: Page) => footer(page).locator('button');

test('what one member does, the other sees', async ({page, borisPage, anna, boris, world}) => {
    const incident = await world.staged(anna, stages(2));
    await world.invite(anna, incident, boris);
    for (const one of [page, borisPage]) {
        await open(one, channelPath(world.team, incident.channel_id));
        await expect(rhsTitle(one)).toHaveText(incident.name);
        await one.getByTestId('tasks').click();
    }
    const loads: string[] = [];
    borisPage.on('request', (request) => {
        if (request.method() === 'GET' && (/\/api\/v0\/incidents/).test(request.url())) {
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
    test(`after a lost connection all is as it should be, ${missed}`, async ({page, anna, boris, world}) => {
        const shown = await world.staged(anna, stages(2));
        const left = await world.incident(boris);
        await world.invite(boris, left, anna);
        const socket = await holdSocket(page);
        await before(page);
        await open(page, channelPath(world.team, shown.channel_id));
        await page.getByTestId('tasks').click();
        await expect(tasks(page, 'First task one').locator('.checkbox')).not.toBeChecked();

        await socket.cut();
        await expect(page.getByText('The connection to the server is lost.')).toBeVisible();
        // The bar at the top takes some of the sidebar's height.
        await expect(button(page)).toBeInViewport({ratio: 1});
        await setTask(anna, shown, 0, 0);
        await world.remove(boris, left, anna);
        const made = await world.incident(anna);
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

    test(`the incident whose channel I am in, and am removed from while the connection is lost, ${missed}`, async ({page, anna, boris, world}) => {
        const incident = await world.incident(boris);
        await world.invite(boris, incident, anna);
        const socket = await holdSocket(page);
        await before(page);
        await open(page, channelPath(world.team, 'town-square'));
        await headerIcon(page).click();
        await expect(listed(page)).toHaveCount(1);
        await socket.cut();
        await expect(page.getByText('The connection to the server is lost.')).toBeVisible();
        await world.remove(boris, incident, anna);
        socket.mend();
        await expect(listed(page)).toHaveCount(0);
        await expect(page.getByTestId('welcome-view')).toBeVisible();
    });
}

test('a change that fails is taken back and said', async ({page, anna, world}) => {
    const incident = await world.staged(anna, stages(1));
    await open(page, channelPath(world.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    const works = await failRequests(page, 'PUT', /\/state$/);
    const row = tasks(page, 'First task one');
    await row.locator('.checkbox').click();
    await expect(row.getByRole('alert')).toContainText('The task could not be changed.');
    await expect(row.locator('.checkbox')).not.toBeChecked();
    await works();
    await row.locator('.checkbox').check();
    await expect(row.locator('.checkbox')).toBeChecked();
    await expect(row.getByRole('alert')).toHaveCount(0);
    await expect(async () => {
        expect((await readIncident(anna, incident)).checklists[0]?.items[0]?.state).toBe('closed');
    }).toPass();
});

test('an incident that cannot be loaded says so and tries again', async ({page, anna, world}) => {
    const incident = await world.staged(anna, stages(1));
    const works = await failRequests(page, 'GET', /\/incidents\/channel\//);

    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/incidents/channel/') && asked.push(request.url()));

    // The title shows before the rest, whose code is loaded meanwhile: that one more shows the failure is no new attempt.
    const answered = page.waitForResponse((response) => response.url().includes('/incidents/channel/'));
    await page.route(/sidebar[^/]*\.js/, async (route) => {
        await answered;
        await route.continue();
    });
    await open(page, channelPath(world.team, incident.channel_id));
    await expect(rhs(page).getByRole('alert')).toContainText('The incident could not be loaded.');
    await works();
    await rhs(page).getByRole('button', {name: 'Try again'}).click();
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(page.getByTestId('summary')).toBeVisible();
    expect(asked).toHaveLength(2);
});

test('a list that cannot be loaded says so and tries again', async ({page, anna, world}) => {
    const incident = await world.incident(anna);
    const works = await failRequests(page, 'GET', /\/incidents$/);
    await open(page, channelPath(world.team, 'town-square'));
    await headerIcon(page).click();
    await expect(rhs(page).getByRole('alert')).toContainText('Your incidents could not be loaded.');
    await works();
    await rhs(page).getByRole('button', {name: 'Try again'}).click();
    await expect(listed(page)).toContainText(incident.name);
});

test('in an ordinary channel nothing is asked that is not shown', async ({page, anna, world}) => {
    const incident = await world.staged(anna, stages(1));
    const asked: string[] = [];
    page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.pathname.includes('/api/v0/')) {
            asked.push(`${request.method()} ${url.pathname.replace(/^.*\/api\/v0/, '')}`);
        }
    });
    await open(page, channelPath(world.team, 'town-square'));
    await goTo(page, 'off-topic');
    await expect(page.locator('#channelHeaderTitle')).toHaveText('Off-Topic');
    expect(asked).toEqual(['GET /incidents/channels']);
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(page.getByTestId('summary')).toBeVisible();
    await page.getByTestId('tasks').click();
    await expect(tasks(page)).toHaveCount(2);
    expect(asked).toEqual(['GET /incidents/channels', `GET /incidents/channel/${incident.channel_id}`]);
});

test('an edited post that is no update asks nothing', async ({page, anna, world}) => {
    const incident = await world.incident(anna);
    const post = await updateStatus(anna, incident, 'The first update');
    const other = await anna.host<{id: string}>('POST', '/posts', {channel_id: incident.channel_id, message: 'just talk'});
    await open(page, channelPath(world.team, incident.channel_id));
    await expect(updates(page)).toContainText('The first update');
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/v0/') && asked.push(request.url()));
    await anna.host('PUT', `/posts/${other.id}/patch`, {message: 'just more talk'});
    await expect(page.locator(`#postMessageText_${other.id}`)).toHaveText('just more talk');
    expect(asked).toEqual([]);
    await deletePost(anna, post);
    await expect(updates(page)).not.toContainText('The first update');
});
