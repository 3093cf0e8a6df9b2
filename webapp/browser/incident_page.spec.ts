import {readFile} from 'fs/promises';

import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {expectNoSideways, inspect} from './harness/checks';
import {allowErrors, backstage, holdSocket, open} from './harness/page';
import {expect, test} from './harness/test';
import {deletePost, endIncident, setTask, stages, updateStatus, Workspace, writePost} from './harness/workspace';

async function openPage(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page.getByTestId('incident-title')).toContainText(incident.name);
}

const card = (page: Page, title: string) => page.locator('section').filter({hasText: title}).first();
const updates = (page: Page) => card(page, 'Status updates');
const points = (page: Page) => page.locator('circle[data-row]');

test('the page of an incident shows all that is known about it', async ({page, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(3), {name: 'Checkout is down', description: 'All **carts** fail since the release.\nSee ~town-square.'});
    await workspace.invite(anna, incident, boris);
    await setTask(boris, incident, 0, 0);
    await setTask(anna, incident, 0, 1);
    await setTask(anna, incident, 2, 1);
    const regretted = await updateStatus(anna, incident, 'Wrong channel');
    await deletePost(anna, regretted);
    await updateStatus(anna, incident, 'We look into it.');
    await updateStatus(boris, incident, 'The release is **rolled back**.');
    await openPage(page, workspace, incident);
    await expect(page.getByText('Ongoing').first()).toBeVisible();
    await expect(page.getByText('carts').first()).toHaveCSS('font-weight', /[67]00|bold/);
    await expect(card(page, 'Duration')).toContainText('< 1m');
    await expect(card(page, 'Members involved')).toContainText('2');
    await expect(updates(page)).toContainText('We look into it.');
    await expect(updates(page)).toContainText('rolled back');
    await expect(updates(page)).not.toContainText('Wrong channel');
    await expect(points(page)).toHaveCount(3);
    await inspect(page, anna, 'incident-page');
    await page.getByText('Jump to the channel').click();
    await expect(page).toHaveURL(new RegExp(`/${workspace.team.name}/channels/`));
    await expect(page.locator('#channel-header')).toContainText('Checkout is down');
});

test('the page follows what others do', async ({page, borisPage, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(2));
    await workspace.invite(anna, incident, boris);
    await openPage(page, workspace, incident);
    await openPage(borisPage, workspace, incident);
    await expect(points(page)).toHaveCount(0);
    await expect(page.getByText('No task is completed yet')).toBeVisible();
    const before = Number(await card(page, 'Messages').locator('[class*=value]').textContent());
    await setTask(boris, incident, 0, 0);
    await expect(points(page)).toHaveCount(1);
    await expect(points(borisPage)).toHaveCount(1);
    await writePost(boris, incident.channel_id, 'One more message');
    await expect.poll(async () => Number(await card(page, 'Messages').locator('[class*=value]').textContent())).toBeGreaterThan(before);
    await updateStatus(boris, incident, 'Nearly there');
    await expect(updates(page)).toContainText('Nearly there');
    await endIncident(boris, incident);
    await expect(page.getByText('Ended').first()).toBeVisible();
    await inspect(page, anna, 'incident-page-ended');
});

test('the page catches up after a lost connection', async ({page, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await workspace.invite(anna, incident, boris);
    const socket = await holdSocket(page);
    await openPage(page, workspace, incident);
    await socket.cut();
    await setTask(boris, incident, 0, 0);
    await endIncident(boris, incident);
    socket.mend();
    await expect(page.getByText('Ended').first()).toBeVisible({timeout: 60_000});
    await expect(points(page)).toHaveCount(1);
});

test('the chart has a row for each task and tells the same in words', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, [
        {title: 'Triage', items: [{title: 'Call **everybody** in [the team](https://example.com)'}, {title: 'Same'}]},
        {title: 'Resolve', items: [{title: 'Same'}, {title: 'Left open'}]},
    ]);
    for (const [stage, task] of [[0, 0], [0, 1], [1, 0]] as const) {
        await setTask(anna, incident, stage, task);
    }
    await openPage(page, workspace, incident);
    await expect(points(page)).toHaveCount(3);
    const rows = await points(page).evaluateAll((all) => all.map((point) => point.getAttribute('cy')));
    expect(new Set(rows).size).toBe(3);
    await expect(page.getByRole('row')).toHaveText([
        /^Call everybody in the team.*Triage/, /^Same.*Triage/, /^Same.*Resolve/, /^Left open.*not completed/,
    ]);
    await points(page).first().hover();
    await expect(page.locator('figure strong')).toHaveText('Call everybody in the team');
    await expect(page.locator('figure').getByText('Triage').first()).toBeVisible();
    await inspect(page, anna, 'incident-page-chart');
});

test('a chart whose code does not arrive can be tried again', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await setTask(anna, incident, 0, 0);
    allowErrors(page, /ERR_FAILED|Failed to load/);
    await page.route(/chunk-timeline[^/]*\.js/, (route) => route.abort());
    await openPage(page, workspace, incident);
    await expect(page.getByRole('alert')).toContainText('could not be loaded');
    await page.unroute(/chunk-timeline[^/]*\.js/);
    await page.getByRole('button', {name: 'Try Again'}).click();
    await expect(points(page)).toHaveCount(1);
});

test('an incident without tasks has no chart', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, []);
    await openPage(page, workspace, incident);
    await expect(page.getByText('There are no tasks yet')).toBeVisible();
    await inspect(page, anna, 'incident-page-empty');
});

test('the incident is exported as CSV, Markdown and JSON', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1), {name: 'Störung: Kasse', description: '# Not a heading'});
    await writePost(anna, incident.channel_id, '=1+1 is no formula');
    await setTask(anna, incident, 0, 0);
    await openPage(page, workspace, incident);
    const fetched = async (format: string) => {
        await page.getByRole('button', {name: 'Export'}).click();
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${format}`).click()]);
        return {name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8')};
    };
    await page.getByRole('button', {name: 'Export'}).click();
    await expect(page.getByTestId('export-csv')).toBeFocused();
    await inspect(page, anna, 'incident-page-export');
    await page.keyboard.press('Escape');
    const csv = await fetched('csv');
    expect(csv.name).toBe('Störung- Kasse.csv');
    expect(csv.text).toContain('\'=1+1 is no formula');
    await expect(page.locator('.banner')).toContainText('Störung- Kasse.csv');
    const markdown = await fetched('markdown');
    expect(markdown.name).toBe('Störung- Kasse.md');
    expect(markdown.text).toContain('# Störung: Kasse\n');
    expect(markdown.text).toContain('- [x] First task one\n');
    expect(markdown.text).toContain('> \\# Not a heading');
    const json = await fetched('json');
    expect(JSON.parse(json.text)).toMatchObject({incident: {id: incident.id}, people: {[anna.id]: anna.username}});
});

test('the export says that a user may see a public incident but not read its channel', async ({borisPage, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    allowErrors(borisPage, /status of 403/);
    await openPage(borisPage, workspace, incident);
    await borisPage.getByRole('button', {name: 'Export'}).click();
    await borisPage.getByTestId('export-markdown').click();
    await expect(borisPage.getByRole('alert')).toContainText('The export failed. Only those who are in the channel of an incident can export it.');
    await inspect(borisPage, boris, 'incident-page-export-refused');
});

test('failing of the page and of its numbers is shown, and both can be tried again', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    allowErrors(page, /500/);
    await page.route(`**/api/v0/incidents/${incident.id}`, (route) => route.fulfill({status: 500, body: ''}));
    await page.route(`**/api/v0/incidents/${incident.id}/metadata`, (route) => route.fulfill({status: 500, body: ''}));
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page.getByRole('alert')).toContainText('The incident could not be loaded.');
    await expect(page.getByRole('link', {name: 'Back to the incidents'})).toBeVisible();
    await inspect(page, anna, 'incident-page-failed');
    await page.unroute(`**/api/v0/incidents/${incident.id}`);
    await page.getByRole('button', {name: 'Try Again'}).click();
    await expect(page.getByTestId('incident-title')).toContainText(incident.name);
    await expect(page.getByRole('alert')).toContainText('numbers of members and messages could not be loaded');
    await page.unroute(`**/api/v0/incidents/${incident.id}/metadata`);
    await page.getByRole('button', {name: 'Try Again'}).click();
    await expect(card(page, 'Members involved')).toContainText('1');
});

test('on a narrow screen nothing of the page is lost', async ({visits, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(2), {name: 'A name that is rather long for a narrow screen'});
    await setTask(anna, incident, 0, 0);
    const page = await visits.page(anna, {viewport: {width: 600, height: 900}});
    await openPage(page, workspace, incident);
    await expect(points(page)).toHaveCount(1);
    await expectNoSideways(page);
    await inspect(page, anna, 'incident-page-narrow');
});
