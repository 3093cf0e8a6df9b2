import type {Page} from '@playwright/test';

import {inspect} from './harness/checks';
import {allowErrors, backstage, open} from './harness/page';
import {dialog, dialogTitle} from './harness/screen';
import type {Person} from './harness/person';
import {expect, inBothFrames, test} from './harness/test';
import {endIncident, Workspace} from './harness/workspace';

const rows = (page: Page) => page.locator('.incident-item');
const search = (page: Page) => page.locator('#incidentList input');
const previous = (page: Page) => page.getByText('Previous', {exact: true});

/** 16 incidents, with the second page of them open. */
async function secondPage(page: Page, anna: Person, workspace: Workspace): Promise<void> {
    for (let n = 1; n <= 16; n++) {
        await workspace.incident(anna, {name: `Incident ${String(n).padStart(2, '0')}`});
    }
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(rows(page)).toHaveCount(15);
    await page.getByText('Next', {exact: true}).click();
    await expect(previous(page)).toBeVisible();
    await expect(rows(page)).toHaveCount(1);
}

test('without incidents the page explains them and starts one', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByTestId('titleIncident')).toHaveCount(0);
    await expect(page.getByText('New Incident')).toBeVisible();
    await inspect(page, anna, 'incident-list-empty');
    await page.reload();
    await page.getByText('New Incident').click();
    await expect(page).toHaveURL(new RegExp(`/${workspace.team.name}/channels/`));
    await expect(dialog(page)).toBeVisible();
    await expect(dialogTitle(page)).toHaveText('Incident Details');
});

test('the list names its team and leads to an incident', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna, {name: 'Checkout is down'});
    await endIncident(anna, await workspace.incident(anna, {name: 'Search is slow'}));
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByTestId('titleIncident')).toContainText('Incidents');
    await expect(page.getByTestId('titleIncident')).toContainText(workspace.team.display_name);
    await expect(rows(page)).toHaveText([/Search is slow.*Ended/, /Checkout is down.*Ongoing/]);
    await inspect(page, anna, 'incident-list');
    await page.getByText('Checkout is down').click();
    await expect(page).toHaveURL(new RegExp(`/incidents/${incident.id}$`));
    await expect(page.getByTestId('incident-title')).toContainText('Checkout is down');
});

test('the list follows what others do', async ({page, anna, boris, workspace}) => {
    const incident = await workspace.incident(anna, {name: 'Checkout is down'});
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(rows(page)).toHaveText([/Checkout is down.*Ongoing/]);
    await endIncident(anna, incident);
    await expect(rows(page)).toHaveText([/Checkout is down.*Ended/]);
    const made = await workspace.incident(boris, {name: 'Search is slow'});
    await workspace.invite(boris, made, anna);
    await expect(rows(page)).toHaveText([/Search is slow.*Ongoing/, /Checkout is down.*Ended/]);
});

test('searching goes back to the first page', async ({page, anna, workspace}) => {
    await secondPage(page, anna, workspace);
    await search(page).fill('Incident 01');
    await expect(rows(page)).toHaveText([/Incident 01/]);
    await expect(previous(page)).toHaveCount(0);
});

test('choosing a commander goes back to the first page, and can be taken back', async ({page, anna, workspace}) => {
    await secondPage(page, anna, workspace);
    await page.locator('.profile-dropdown').click();
    await page.locator('.profile-dropdown .IncidentProfile').filter({hasText: anna.username}).locator('..').click();
    await expect(previous(page)).toHaveCount(0);
    await expect(rows(page)).toHaveCount(15);
    await expect(page).toHaveURL(new RegExp(`commander=${anna.id}`));
    await page.locator('.profile-dropdown').click();
    await inspect(page, anna, 'incident-list-commander');
    await page.getByText('All commanders').click();
    await expect(page).not.toHaveURL(/commander=/);
});

test('choosing a status goes back to the first page', async ({page, anna, workspace}) => {
    await secondPage(page, anna, workspace);
    await page.locator('.status-filter-dropdown').click();
    await inspect(page, anna, 'incident-list-status');
    await page.locator('.status-filter-dropdown').getByText('Ongoing', {exact: true}).locator('..').click();
    await expect(previous(page)).toHaveCount(0);
    await expect(page).toHaveURL(/status=active/);
    await expect(rows(page)).toHaveCount(15);
});

test('filters, order and page are in the address and survive a reload and browser-back', async ({page, anna, workspace}) => {
    const ended = await workspace.incident(anna, {name: 'Checkout one'});
    await endIncident(anna, ended);
    await workspace.incident(anna, {name: 'Checkout two'});
    await workspace.incident(anna, {name: 'Search'});
    await open(page, backstage(workspace.team, '/incidents'));
    // The status is chosen while the search still waits.
    await search(page).pressSequentially('checkout', {delay: 5});
    await page.locator('.status-filter-dropdown').click();
    await page.getByRole('menuitemradio', {name: 'Ended'}).click();
    await expect(rows(page)).toHaveText([/Checkout one/]);
    await page.getByRole('button', {name: 'Name'}).click();
    await expect(page).toHaveURL(/search=checkout/);
    await expect(page).toHaveURL(/status=ended/);
    await expect(page).toHaveURL(/sort=name/);
    await page.reload();
    await expect(search(page)).toHaveValue('checkout');
    await expect(rows(page)).toHaveText([/Checkout one/]);
    await page.getByRole('link', {name: 'Checkout one'}).click();
    await expect(page.getByTestId('incident-title')).toContainText('Checkout one');
    await page.goBack();
    await expect(search(page)).toHaveValue('checkout');
    await expect(rows(page)).toHaveText([/Checkout one/]);
    await expect(page.getByRole('columnheader', {name: 'Name'})).toHaveAttribute('aria-sort', 'ascending');
});

test('a search without results names the team', async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    await open(page, backstage(workspace.team, '/incidents'));
    await search(page).fill('nothing is called so');
    await expect(page.getByText('matches these filters')).toContainText(workspace.team.display_name);
    await expect(page.getByText('0 - 0 of 0 total')).toBeVisible();
    await expect(page.getByRole('columnheader', {name: 'Commander'})).toBeVisible();
    await inspect(page, anna, 'incident-list-no-hit');
});

test('the filters are worked by keys', async ({page, anna, boris, workspace}) => {
    await workspace.incident(anna, {name: 'Of Anna'});
    await workspace.incident(boris, {name: 'Of Boris'});
    await open(page, backstage(workspace.team, '/incidents'));
    const status = page.locator('.status-filter-dropdown').getByRole('button');
    await status.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitemradio', {name: 'All'})).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(status).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByText('matches these filters')).toBeVisible();
    await page.locator('.status-filter-dropdown').getByRole('button').press('Enter');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.locator('.profile-dropdown').getByRole('button').press('Enter');
    await page.keyboard.type(boris.username);
    await page.keyboard.press('Enter');
    await expect(rows(page)).toHaveText([/Of Boris/]);
    await page.getByRole('link', {name: 'Of Boris'}).press('Enter');
    await expect(page.getByTestId('incident-title')).toContainText('Of Boris');
});

test('loading and failing of the list are shown, and it can be tried again', async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    allowErrors(page, /500/);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
        release = resolve;
    });
    await page.route('**/api/v0/incidents?**', async (route) => {
        await held;
        await route.fulfill({status: 500, body: ''});
    });
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByText('Loading…')).toBeVisible();
    await inspect(page, anna, 'incident-list-loading');
    release();
    await expect(page.getByRole('alert').filter({hasText: 'The incidents could not be loaded.'})).toBeVisible();
    await inspect(page, anna, 'incident-list-failed');
    await page.unroute('**/api/v0/incidents?**');
    await page.getByRole('button', {name: 'Try Again'}).click();
    await expect(rows(page)).toHaveCount(1);
});

test('a list of many commanders asks for them in one request', async ({page, anna, boris, workspace}) => {
    await workspace.incident(anna);
    await workspace.incident(boris);
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/v4/users/ids') && asked.push(request.url()));
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(rows(page)).toContainText([boris.username, anna.username]);
    expect(asked.length).toBeLessThanOrEqual(1);
});
