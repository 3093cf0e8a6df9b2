import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';
import type {SeverityLevel} from 'src/types/severity';

import {expectNoSideways, inspect} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {rhs, rhsTitle} from './harness/screen';
import {expect, test} from './harness/test';
import {readIncident, stages, updateStatus} from './harness/workspace';

const LEVELS: SeverityLevel[] = [
    {key: 'SEV1', name: 'Critical', description: 'Customers cannot work, or data is lost or at risk.', color: 'red', update_seconds: 1800},
    {key: 'SEV2', name: 'High', description: 'An important part does not work or is much too slow.', color: 'orange', update_seconds: 3600},
    {key: 'SEV3', name: 'Medium', description: 'There is a way around it.', color: 'yellow', update_seconds: 14400},
];

/** Opens the sidebar of an incident. */
async function openIncident(page: Page, team: {name: string}, {channel_id: id}: Incident): Promise<void> {
    await open(page, channelPath(team, id));
    await expect(rhs(page).getByTestId('rhs-title')).toBeVisible();
}

test('a playbook gets the usual levels and a time limit, and incidents start with them', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Service outage', checklists: stages(2)});
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByRole('button', {name: 'Actions for the stage First'}).click();
    await page.getByRole('menuitem', {name: 'Set a Time Limit'}).click();
    await page.getByLabel('Time limit of First').selectOption('1h');
    await inspect(page, anna, 'stage-limit-editor');
    await page.getByRole('tab', {name: 'Severity'}).click();
    await page.getByRole('button', {name: 'Use the Usual Four'}).click();
    await expect(page.getByRole('listitem', {name: 'Level SEV4'})).toBeVisible();
    await inspect(page, anna, 'severity-editor');
    await page.setViewportSize({width: 320, height: 640});
    await expectNoSideways(page);
    await page.getByTestId('save_playbook').click();
    await expect(page).toHaveURL(/\/playbooks$/);
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    expect(incident.severity?.key).toBe('SEV3');
    expect(incident.checklists[0]?.limit_seconds).toBe(3600);
});

test('the severity is raised and lowered by keyboard, and seen in sidebar, list and page', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage', severity: {levels: LEVELS, default: 'SEV2'}, checklists: stages(2)});
    const incident = await workspace.incident(anna, {name: 'Checkout of orders fails', playbook_id: playbook.id});
    await workspace.incident(anna, {name: 'Search is slow'});
    await updateStatus(anna, incident, 'Looking into it.', 900);
    await openIncident(page, workspace.team, incident);
    const section = rhs(page).getByTestId('severity');
    await expect(section).toContainText('SEV2High');
    await inspect(page, anna, 'severity-sidebar');
    // Name and badges are in lines of their own.
    expect(await rhsTitle(page).evaluate((name) => name.scrollWidth - name.clientWidth)).toBeLessThanOrEqual(0);
    await expect(rhs(page).getByTestId('badges')).toHaveText('SEV2Ongoing');
    await rhs(page).getByTestId('change-severity').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Orders are lost');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(section).toContainText('SEV1Critical');
    await expect(rhs(page).getByTestId('change-severity')).toBeFocused();

    await rhs(page).getByTestId('change-severity').click();
    await page.getByRole('radio', {name: /SEV3/}).check();
    await expect(page.getByTestId('reschedule')).toBeVisible();
    await inspect(page, anna, 'severity-dialog');
    await page.getByRole('dialog').getByRole('button', {name: 'Save'}).click();
    await expect(section).toContainText('SEV3Medium');
    expect((await readIncident(anna, incident)).severity?.key).toBe('SEV3');

    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByRole('columnheader', {name: 'Severity'})).toBeVisible();
    await page.getByTestId('severity-filter').click();
    await expect(page.getByRole('menuitemradio', {name: /SEV3/})).toBeVisible();
    await inspect(page, anna, 'severity-list');
    await page.getByRole('menuitemradio', {name: 'Without severity'}).click();
    await expect(page.locator('.incident-item')).toHaveText([/Search is slow/]);
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page.getByTestId('change-severity')).toBeVisible();
    await inspect(page, anna, 'severity-page');
    await page.setViewportSize({width: 320, height: 640});
    await expectNoSideways(page);
});

test('the next update is due at a time that the sidebar shows and puts off', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {checklists: stages(2)});
    await anna.plugin('PUT', `/playbooks/${playbook.id}`, {...playbook, checklists: playbook.checklists.map((stage) => ({...stage, limit_seconds: 3600}))});
    const incident = await workspace.incident(anna, {name: 'Checkout is down', playbook_id: playbook.id});
    await openIncident(page, workspace.team, incident);
    await expect(rhs(page).getByTestId('stage-limit')).toHaveText(/^(1h|59m) left in First$/);
    await expect(rhs(page).getByTestId('next-update')).toHaveCount(0);
    await updateStatus(anna, incident, 'Looking into it.', 900);
    await expect(rhs(page).getByTestId('next-update')).toContainText('in 15m');
    await rhs(page).getByTestId('snooze').press('Enter');
    await inspect(page, anna, 'clock-sidebar');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect(rhs(page).getByTestId('next-update')).toContainText('in 4h');
    await expect(rhs(page).getByTestId('snooze')).toBeFocused();
    await rhs(page).getByTestId('back-button').click();
    await expect(rhs(page).getByRole('listitem')).toContainText('Next update in 4h');
    await inspect(page, anna, 'clock-list');
});

test('a key that is not possible is not saved as what stood there before, whatever saves it', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {severity: {levels: LEVELS, default: 'SEV2'}});
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByRole('tab', {name: 'Severity'}).click();
    const key = page.getByLabel('Key').nth(1);
    await key.fill('SEV 9');
    // As by voice or by a screen reader: the focus stays in the field.
    await page.getByTestId('save_playbook').dispatchEvent('click');
    await expect(page.getByText('Only letters without accents')).toBeVisible();
    expect((await anna.plugin<typeof playbook>('GET', `/playbooks/${playbook.id}`)).severity?.levels[1]?.key).toBe('SEV2');
    await key.fill('SEV9');
    await page.getByTestId('save_playbook').click();
    await expect(page).toHaveURL(/\/playbooks$/);
    expect((await anna.plugin<typeof playbook>('GET', `/playbooks/${playbook.id}`)).severity).toMatchObject({levels: [{key: 'SEV1'}, {key: 'SEV9'}, {key: 'SEV3'}], default: 'SEV9'});
});
