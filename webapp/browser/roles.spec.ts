import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';
import type {PlaybookRole} from 'src/types/roles';

import {expectNoSideways, inspect, screenshot} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {rhs, tasks} from './harness/screen';
import {expect, test} from './harness/test';
import {readIncident} from './harness/workspace';

const ROLES: PlaybookRole[] = [
    {key: 'communications', name: 'Communications', description: 'Keeps customers and colleagues informed.', default: {kind: 'none', user_id: ''}},
    {key: 'operations', name: 'Operations', description: '', default: {kind: 'commander', user_id: ''}},
];

const CHECKLISTS = [{title: 'First', items: [
    {title: 'Tell the customers', assignment: {kind: 'role' as const, role: 'communications'}},
    {title: 'Restart the service', assignment: {kind: 'role' as const, role: 'operations'}},
    {title: 'Watch the error rate'},
]}];

async function openIncident(page: Page, team: {name: string}, {channel_id: id}: Incident): Promise<void> {
    await open(page, channelPath(team, id));
    await expect(rhs(page).getByTestId('rhs-title')).toBeVisible();
}

/** Fails if the page can be scrolled sideways in a window of 320 px. */
async function expectNarrow(page: Page): Promise<void> {
    await page.setViewportSize({width: 320, height: 640});
    await expectNoSideways(page);
}

const role = (page: Page, name: string) => rhs(page).getByTestId('role').filter({hasText: name});

test('a playbook gets two roles and a task that belongs to one, and incidents start with them', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Service outage'});
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByRole('tab', {name: 'Roles'}).click();
    await page.getByRole('button', {name: 'Add a Role'}).press('Enter');
    await expect(page.getByLabel('Name of role 1')).toBeFocused();
    await page.keyboard.type('Communications');
    await page.getByRole('button', {name: 'Add a Role'}).press('Enter');
    await expect(page.getByLabel('Name of role 2')).toBeFocused();
    await page.keyboard.type('Operations');
    await page.getByLabel('Who has it at the start').last().selectOption('commander');
    await page.getByRole('tab', {name: 'Tasks'}).click();
    await page.getByLabel('To whom First task one is assigned').selectOption('role:operations');
    await inspect(page, anna, 'roles-editor-tasks');
    await page.getByRole('tab', {name: 'Roles'}).click();
    await expect(page.getByTestId('role-fields').last()).toContainText('1 task belongs to it.');
    await inspect(page, anna, 'roles-editor');
    await expectNarrow(page);
    await screenshot(page, 'roles-editor-320', 'dark');
    await page.getByTestId('save_playbook').click();
    await expect(page).toHaveURL(/\/playbooks$/);
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    expect(incident.roles?.roles).toMatchObject([{name: 'Communications', holder_id: ''}, {name: 'Operations', holder_id: anna.id}]);
    expect(incident.checklists[0]?.items).toMatchObject([{assignment: {kind: 'role', role: 'operations'}, assignee_id: anna.id}, {assignee_id: ''}]);
});

test('a role is given by keyboard, its tasks go with it, and the filters follow', async ({page, anna, boris, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage', roles: ROLES, checklists: CHECKLISTS});
    const incident = await workspace.incident(anna, {name: 'Checkout is down', playbook_id: playbook.id});
    await workspace.invite(anna, incident, boris);
    await openIncident(page, workspace.team, incident);
    await expect(role(page, 'Operations')).toContainText(anna.username);
    await page.getByTestId('tasks').click();
    await expect(tasks(page, 'Tell the customers')).toContainText('Communications (nobody yet)');
    await inspect(page, anna, 'roles-tasks');
    const filter = (name: string) => rhs(page).getByRole('button', {name, exact: true});
    await filter('Mine').press('Enter');
    await expect(tasks(page)).toHaveText([/Restart the service/]);
    await filter('Unassigned').press('Enter');
    await expect(tasks(page)).toHaveText([/Tell the customers/, /Watch the error rate/]);

    await page.getByTestId('summary').click();
    await rhs(page).getByRole('button', {name: 'Communications: choose who has it'}).press('Enter');
    await expect(rhs(page).getByPlaceholder('Search')).toBeFocused();
    await expect(rhs(page).getByRole('option', {name: new RegExp(boris.username)})).toBeVisible();
    await inspect(page, anna, 'roles-picker');
    await page.keyboard.type(boris.username);
    await page.keyboard.press('Enter');
    const holder = role(page, 'Communications').locator('.Assigned-button');
    await expect(holder).toContainText(boris.username);
    await expect(holder).toBeFocused();
    await expect(holder).toHaveAttribute('aria-expanded', 'false');
    await inspect(page, anna, 'roles-sidebar');
    await page.getByTestId('tasks').click();
    await expect(tasks(page)).toHaveText([/Watch the error rate/]);
    await filter('All').press('Enter');
    await expect(tasks(page, 'Tell the customers')).toContainText(boris.username);
    await expectNarrow(page);
    await screenshot(page, 'roles-tasks-320', 'dark');
});

test('command is handed over: offered, accepted by the other, and shown live to the first', async ({page, borisPage, anna, boris, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage', roles: ROLES, checklists: CHECKLISTS});
    const incident = await workspace.incident(anna, {name: 'Checkout is down', playbook_id: playbook.id});
    await workspace.invite(anna, incident, boris);
    await openIncident(page, workspace.team, incident);
    await openIncident(borisPage, workspace.team, incident);
    await rhs(page).getByTitle('Change the commander').press('Enter');
    await rhs(page).getByRole('button', {name: 'Hand over command…'}).press('Enter');
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('option', {name: new RegExp(boris.username)})).toBeVisible();
    await inspect(page, anna, 'handoff-people');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('button', {name: 'Send the Offer'})).toBeFocused();
    await inspect(page, anna, 'handoff-dialog');
    await page.keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);
    await expect(rhs(page).getByTestId('handoff')).toContainText(`Waiting for @${boris.username}`);
    await inspect(page, anna, 'handoff-giver');
    await expect(rhs(borisPage).getByTestId('handoff')).toContainText(`@${anna.username} asks you to take command.`);
    await borisPage.getByTestId('tasks').click();
    await inspect(borisPage, boris, 'handoff-receiver');
    await rhs(borisPage).getByRole('button', {name: 'Accept'}).press('Enter');

    await expect(rhs(page).getByTestId('handoff-outcome')).toContainText('has accepted and is the commander now.');
    await expect(rhs(page).getByTitle('Change the commander')).toContainText(boris.username);
    await expect(rhs(borisPage).getByTestId('handoff')).toHaveCount(0);
    await inspect(page, anna, 'handoff-accepted');
    expect((await readIncident(anna, incident)).commander_user_id).toBe(boris.id);

    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page.getByTestId('incident-roles')).toContainText(/Commander.*boris.*anna/s);
    await page.getByTestId('incident-roles').scrollIntoViewIfNeeded();
    await inspect(page, anna, 'roles-page');
    await expectNarrow(page);
    await page.getByTestId('incident-roles').scrollIntoViewIfNeeded();
    await screenshot(page, 'roles-page-320', 'dark');
});
