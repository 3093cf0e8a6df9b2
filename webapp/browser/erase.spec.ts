import type {Page} from '@playwright/test';

import {inspect} from './harness/checks';
import {allowErrors, backstage, open} from './harness/page';
import {administrator} from './harness/person';
import type {Person} from './harness/person';
import {expect, test} from './harness/test';
import {stages} from './harness/workspace';

const makeAdministrator = async ({id}: Person) => (await administrator()).host('PUT', `/users/${id}/roles`, {roles: 'system_user system_admin'});

async function openPage(page: Page, path: string, name: string): Promise<void> {
    await open(page, path);
    await expect(page.getByTestId('incident-title')).toContainText(name);
}

test('an administrator deletes an incident by keyboard, and everybody who has it open learns of it', async ({page, borisPage, anna, boris, workspace}) => {
    await makeAdministrator(anna);
    const incident = await workspace.staged(boris, stages(2), {name: 'Checkout is down'});
    const path = backstage(workspace.team, `/incidents/${incident.id}`);
    await openPage(borisPage, path, incident.name);
    await expect(borisPage.getByText('Delete this incident')).toHaveCount(0);
    allowErrors(borisPage, /status of 40[34]/);
    allowErrors(page, /status of 404/);

    await openPage(page, path, incident.name);
    const start = page.getByRole('button', {name: 'Delete Incident'});
    await start.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', {name: 'Delete this incident for good?'});
    await expect(dialog).toContainText('“Checkout is down” is deleted');
    await expect(page.getByLabel('Type the name of the incident')).toBeFocused();
    await inspect(page, anna, 'erase-dialog');

    // Another name deletes nothing, and Escape gives up.
    await page.keyboard.type('Checkout');
    await page.keyboard.press('Enter');
    await expect(dialog).toContainText('This is not the name of the incident.');
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(start).toBeFocused();

    await page.keyboard.press('Enter');
    await page.keyboard.type('Checkout is down');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/incidents$/);
    await expect(page.getByRole('button', {name: 'New Incident'})).toBeVisible();
    await expect(page.getByRole('link', {name: 'Checkout is down'})).toHaveCount(0);
    await expect(borisPage.getByText('Incident not found')).toBeVisible();
    const channel = await (await administrator()).host<{delete_at: number}>('GET', `/channels/${incident.channel_id}`);
    expect(channel.delete_at).toBeGreaterThan(0);
});
