import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {axe, expectNoSideways, inspect, screenshot} from './harness/checks';
import {allowErrors, backstage, channelPath, failRequests, open} from './harness/page';
import type {Person} from './harness/person';
import {rhs} from './harness/screen';
import {expect, test} from './harness/test';
import {endIncident, setTask, stages, Workspace} from './harness/workspace';

interface FollowUp {
    id: string;
    number: number;
    title: string;
    state: string;
    reason: string;
    text: string;
    revision: number;
}

const DAY = 24 * 60 * 60_000;
const rows = (page: Page) => page.getByTestId('followup');
const dialog = (page: Page) => page.getByRole('dialog');

const add = (by: Person, incident: Incident, body: {title: string; [field: string]: unknown}) =>
    by.plugin<FollowUp>('POST', `/incidents/${incident.id}/followups`, body);
const read = (by: Person, {id}: {id: string}) => by.plugin<FollowUp>('GET', `/followups/${id}`);
const openAll = async (page: Page, workspace: Workspace, query = '') => {
    await open(page, backstage(workspace.team, `/followups${query}`));
    await expect(page.getByTestId('titleFollowups')).toBeVisible();
};

/** Four follow-ups of two incidents, one of them overdue. */
async function some(anna: Person, boris: Person, workspace: Workspace) {
    const playbook = await workspace.playbook(anna, {title: 'Service outage'});
    const first = await workspace.incident(anna, {name: 'Checkout is down', playbook_id: playbook.id});
    const second = await workspace.incident(anna, {name: 'Search is slow'});
    await workspace.invite(anna, first, boris);
    const disk = await add(anna, first, {title: 'Alert when the disk is nearly full', owner_id: anna.id, due_at: Date.now() + (3 * DAY), link: 'https://tracker.example.com/OPS-7', text: 'At **80 %**, not at 95 %.'});
    const index = await add(anna, first, {title: 'Test the index before a release', owner_id: boris.id, due_at: Date.now() - (2 * DAY)});
    const page = await add(anna, second, {title: 'Äußere Seite im Status-Runbook verlinken'});
    const done = await add(anna, second, {title: 'Call the provider'});
    await anna.plugin('PATCH', `/followups/${done.id}`, {state: 'done'});
    return {playbook, first, second, disk, index, page, done};
}

test('without follow-ups the page explains them', async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    await openAll(page, workspace);
    await expect(page.getByTestId('no-followups')).toBeVisible();
    await inspect(page, anna, 'followups-empty');
});

test('the page lists what is open, and filters, order and page are in the address', async ({page, anna, boris, workspace}) => {
    const {first, playbook} = await some(anna, boris, workspace);
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByTestId('followupsLHSButton')).toContainText('1');
    await page.getByTestId('followupsLHSButton').click();
    await expect(rows(page)).toHaveText([/Test the index.*Overdue/, /Alert when the disk/, /Äußere Seite/]);
    await inspect(page, anna, 'followups');
    await page.getByTitle('State').click();
    await inspect(page, anna, 'followups-states');
    await page.getByRole('menuitemradio', {name: 'Overdue (1)'}).click();
    await expect(rows(page)).toHaveText([/Test the index/]);
    await page.getByTitle('State').click();
    await page.getByRole('menuitemradio', {name: 'All states'}).click();
    await page.getByRole('button', {name: 'What is to be done'}).click();
    await expect(rows(page)).toHaveText([/Alert when/, /Äußere Seite/, /Call the provider.*Done/, /Test the index/]);
    await expect(page).toHaveURL(/view=all.*sort=title/);
    await page.getByRole('button', {name: 'Mine', exact: true}).click();
    await expect(rows(page)).toHaveText([/Alert when/]);
    await page.reload();
    await expect(rows(page)).toHaveText([/Alert when/]);
    await expect(page.getByRole('button', {name: 'Mine', exact: true})).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('button', {name: 'Mine', exact: true}).click();
    await page.getByTitle('Playbook').click();
    await page.getByText('Service outage', {exact: true}).click();
    await expect(page).toHaveURL(new RegExp(`playbook=${playbook.id}`));
    await expect(rows(page)).toHaveCount(2);
    await page.getByTitle('Team').click();
    await page.getByRole('menuitemradio', {name: workspace.team.display_name}).click();
    await expect(rows(page)).toHaveCount(4);
    await page.getByRole('link', {name: first.name}).first().click();
    await expect(page.getByTestId('incident-title')).toContainText(first.name);
});

test('more than a page is read page by page', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    for (let n = 1; n <= 21; n++) {
        await add(anna, incident, {title: `Follow-up ${String(n).padStart(2, '0')}`});
    }
    await openAll(page, workspace, '?sort=title');
    await expect(rows(page)).toHaveCount(20);
    await page.getByText('Next', {exact: true}).click();
    await expect(rows(page)).toHaveText([/Follow-up 21/]);
    await expect(page).toHaveURL(/page=2/);

    // The page is empty then: the one before is shown.
    await rows(page).getByRole('checkbox').click();
    await expect(rows(page)).toHaveCount(20);
});

test('from the page one is done, dropped with a reason, edited and opened again', async ({page, anna, boris, workspace}) => {
    const {disk, index, page: runbook} = await some(anna, boris, workspace);
    await openAll(page, workspace);
    await rows(page).filter({hasText: disk.title}).getByRole('checkbox').click();
    await expect(rows(page)).toHaveCount(2);
    expect((await read(anna, disk)).state).toBe('done');

    const menu = (title: string) => rows(page).filter({hasText: title}).getByRole('button', {name: /More for/});
    await menu(index.title).click();
    await page.getByRole('menuitem', {name: 'Drop'}).click();
    await dialog(page).getByRole('button', {name: 'Drop'}).click();
    await expect(dialog(page)).toContainText('Say why');
    await dialog(page).getByRole('textbox').fill('The index is gone.');
    await inspect(page, anna, 'followups-drop');
    await dialog(page).getByRole('button', {name: 'Drop'}).click();
    await expect(dialog(page)).toHaveCount(0);
    expect(await read(anna, index)).toMatchObject({state: 'dropped', reason: 'The index is gone.'});

    await menu(runbook.title).click();
    await page.getByRole('menuitem', {name: 'Edit'}).click();
    await dialog(page).getByLabel('What is to be done').fill('Link the page in the runbook');
    await dialog(page).getByLabel('Due date (optional)').fill('2031-05-06');
    await dialog(page).getByRole('button', {name: 'Choose the owner'}).click();
    await page.keyboard.type(anna.username);
    await dialog(page).getByRole('option', {name: new RegExp(anna.username)}).click();
    await inspect(page, anna, 'followups-edit');
    await dialog(page).getByRole('button', {name: 'Save'}).click();
    await expect(rows(page)).toHaveText([/Link the page in the runbook.*May 06, 2031/]);

    await page.getByTitle('State').click();
    await page.getByRole('menuitemradio', {name: /Dropped/}).click();
    await rows(page).getByRole('button', {name: new RegExp(index.title)}).first().click();
    await expect(dialog(page)).toContainText('The index is gone.');
    await inspect(page, anna, 'followups-details');
    await page.keyboard.press('Escape');
    await menu(index.title).click();
    await page.getByRole('menuitem', {name: 'Open Again'}).click();
    await expect(rows(page)).toHaveCount(0);
    expect(await read(anna, index)).toMatchObject({state: 'open', reason: ''});
});

test('the incident has its follow-ups: they are added, and tasks are carried over', async ({page, borisPage, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(2), {name: 'Checkout is down'});
    await workspace.invite(anna, incident, boris);
    await setTask(anna, incident, 0, 0);
    await endIncident(anna, incident);
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await open(borisPage, backstage(workspace.team, `/incidents/${incident.id}`));
    const section = page.getByTestId('incident-followups');
    await expect(section).toContainText('There are no follow-ups yet');
    await page.getByRole('button', {name: 'Add a Follow-Up'}).click();
    await dialog(page).getByLabel('What is to be done').fill('Watch the disk');
    await dialog(page).getByLabel('Details').fill('At **80 %**.');
    await dialog(page).getByLabel('Link to an issue').fill('https://tracker.example.com/OPS-7');
    await inspect(page, anna, 'followups-add');
    await dialog(page).getByRole('button', {name: 'Add', exact: true}).click();
    await expect(rows(page)).toHaveText([/#1 Watch the disk/]);
    await expect(rows(borisPage)).toHaveText([/#1 Watch the disk/]);
    await page.getByRole('button', {name: 'Carry Over Tasks'}).click();
    await expect(dialog(page)).not.toContainText('First task one');
    await dialog(page).getByText('Second task two').click();
    await inspect(page, anna, 'followups-carry');
    await dialog(page).getByRole('button', {name: 'Carry Over 2'}).click();
    await expect(rows(page)).toHaveText([/#1 Watch the disk/, /#2 First task two/, /#3 Second task one/]);
    await expect(rows(borisPage)).toHaveCount(3);
    await section.scrollIntoViewIfNeeded();
    await inspect(page, anna, 'followups-incident', '[data-testid=incident-followups]');

    // In the sidebar of an incident that has ended.
    await open(borisPage, channelPath(workspace.team, incident.channel_id));
    await rhs(borisPage).getByTestId('summary').click();
    await expect(rhs(borisPage).getByTestId('sidebar-followups')).toContainText('Watch the disk');
    await inspect(borisPage, boris, 'followups-sidebar', '#rhsContainer');
    await rhs(borisPage).getByRole('checkbox', {name: /Watch the disk/}).click();
    await expect(rhs(borisPage).getByTestId('sidebar-followups')).toContainText('1 done, 0 dropped');
    await expect(rows(page).first()).toContainText('Done');
});

test('two who edit one at once lose nothing', async ({page, anna, boris, workspace}) => {
    const {disk} = await some(anna, boris, workspace);
    allowErrors(page, /status of 409/);
    await openAll(page, workspace);
    await rows(page).filter({hasText: disk.title}).getByRole('button', {name: /More for/}).click();
    await page.getByRole('menuitem', {name: 'Edit'}).click();
    await dialog(page).getByLabel('What is to be done').fill('Mine');
    await boris.plugin('PATCH', `/followups/${disk.id}`, {title: 'Theirs', text: 'Their text', revision: disk.revision});
    await dialog(page).getByRole('button', {name: 'Save'}).click();
    await expect(dialog(page)).toContainText('Somebody else has changed this follow-up meanwhile');
    await expect(dialog(page)).toContainText('Theirs');
    await expect(dialog(page).getByLabel('Details')).toHaveValue('Their text');
    await inspect(page, anna, 'followups-conflict');
    await dialog(page).getByRole('button', {name: 'Save'}).click();
    await expect(dialog(page)).toHaveCount(0);
    expect(await read(anna, disk)).toMatchObject({title: 'Mine', text: 'Their text'});
});

test('what failed is said, and can be tried again', async ({page, anna, boris, workspace}) => {
    await some(anna, boris, workspace);
    const mend = await failRequests(page, 'GET', /\/followups$/);
    await openAll(page, workspace);
    await expect(page.getByRole('alert')).toContainText('The follow-ups could not be loaded.', {timeout: 15_000});
    await screenshot(page, 'followups-failed', 'light');
    await mend();
    await page.getByRole('button', {name: 'Try Again'}).click();
    await expect(rows(page)).toHaveCount(3);
});

test('all of it is worked by keys', async ({page, anna, boris, workspace}) => {
    const {disk, index} = await some(anna, boris, workspace);
    await openAll(page, workspace);
    const first = rows(page).filter({hasText: index.title});
    await first.getByRole('checkbox').focus();
    await page.keyboard.press('Space');
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).filter({hasText: disk.title}).getByRole('checkbox')).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(dialog(page)).toContainText('At 80 %');
    await page.keyboard.press('Enter');
    await expect(dialog(page).getByLabel('What is to be done')).toBeFocused();
    await page.keyboard.press('End');
    await page.keyboard.type(' again');
    await page.keyboard.press('Enter');
    await expect(dialog(page)).toHaveCount(0);
    await expect(rows(page).filter({hasText: `${disk.title} again`})).toHaveCount(1);
});

test('it fits a narrow window, and German', async ({visits, anna, boris, workspace}) => {
    const {first} = await some(anna, boris, workspace);
    await anna.host('PUT', `/users/${anna.id}/patch`, {locale: 'de'});
    const page = await visits.page(anna, {viewport: {width: 320, height: 640}});
    await openAll(page, workspace);
    await expect(rows(page)).toHaveCount(3);
    await expect(page.getByTestId('titleFollowups')).toHaveText('Folgemaßnahmen');
    await expectNoSideways(page);
    await screenshot(page, 'followups-narrow', 'light');
    await axe(page);
    await rows(page).first().getByRole('button', {name: /Mehr zu/}).click();
    await page.getByRole('menuitem', {name: 'Bearbeiten'}).click();
    await expect(dialog(page)).toBeVisible();
    await expectNoSideways(page);
    await screenshot(page, 'followups-edit-narrow', 'light');
    await open(page, backstage(workspace.team, `/incidents/${first.id}`));
    await expect(rows(page)).toHaveCount(2);
    await page.getByTestId('incident-followups').scrollIntoViewIfNeeded();
    await expectNoSideways(page);
    await screenshot(page, 'followups-incident-narrow', 'light');
});

test('a server without follow-ups shows nothing of them', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await endIncident(anna, incident);
    await page.route(/\/api\/v0\/.*followups/, (route) => route.fulfill({status: 404, contentType: 'text/plain', body: '404 page not found'}));
    allowErrors(page, /status of 404/);
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByTestId('incidentsLHSButton')).toBeVisible();
    await expect(page.getByText(incident.name)).toBeVisible();
    await expect(page.getByTestId('followupsLHSButton')).toHaveCount(0);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhs(page).getByTestId('summary')).toBeVisible();
    await expect(rhs(page).getByTestId('sidebar-followups')).toHaveCount(0);
});
