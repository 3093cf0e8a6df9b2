import type {Page} from '@playwright/test';

import {backstage, channelPath, open} from './harness/page';
import {rhs, tasks, updates} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {timeline, what} from './harness/timeline';
import {endIncident, stages, updateStatus} from './harness/workspace';

test('forced colours show the focus of a menu, the choice of Enter and the stages', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(3));
    await page.emulateMedia({forcedColors: 'active'});
    await open(page, channelPath(workspace.team, incident.channel_id));
    const segments = rhs(page).locator('#incidentRHSStages ol li');
    await expect(segments.nth(0)).toHaveCSS('border-top-width', '3px');
    await expect(segments.nth(1)).toHaveCSS('border-top-width', '1px');
    await rhs(page).locator('.Assigned-button').click();
    await expect(rhs(page).locator('.incident-user-select__option').first()).toHaveCSS('outline-style', 'solid');
    await page.screenshot({path: '../dist/browser/screenshots/forced-colors-picker.png'});
    await page.keyboard.press('Escape');
    await page.getByTestId('tasks').click();
    await tasks(page, 'First task one').getByRole('button', {name: /^More for the task/}).click();
    await expect(rhs(page).getByRole('menuitem', {name: 'Edit'})).toHaveCSS('outline-style', 'solid');
    await page.screenshot({path: '../dist/browser/screenshots/forced-colors-menu.png'});
});

test('forced colours show which buttons are pressed', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await anna.plugin('POST', `/incidents/${incident.id}/followups`, {title: 'Alert earlier', owner_id: anna.id});
    await page.emulateMedia({forcedColors: 'active'});
    await open(page, backstage(workspace.team, '/followups'));
    const mine = page.getByRole('button', {name: 'Mine', exact: true});
    await mine.click();
    await expect(mine).toHaveAttribute('aria-pressed', 'true');
    await expect(mine).toHaveCSS('background-color', await mine.evaluate((element) => {
        element.insertAdjacentHTML('afterend', '<span style="color: SelectedItem; forced-color-adjust: none"></span>');
        return getComputedStyle(element.nextElementSibling as Element).color;
    }));
});

/** A system colour as the browser computes it. */
const systemColour = (page: Page, name: string) => page.evaluate((colour) => {
    const probe = document.createElement('span');
    probe.style.color = colour;
    document.body.append(probe);
    const {color} = getComputedStyle(probe);
    probe.remove();
    return color;
}, name);

/** Fails unless all that cannot be pressed has the colour for it: that it is faint is not enough. */
async function expectGrey(page: Page): Promise<void> {
    const grey = await systemColour(page, 'GrayText');
    const others = await page.evaluate((colour) => [...document.querySelectorAll('[class*="im-"]:is(:disabled, [aria-disabled="true"]):not([aria-busy="true"], input)')].
        filter((element) => getComputedStyle(element).color !== colour).map((element) => element.outerHTML.slice(0, 200)), grey);
    expect(others).toEqual([]);
}

async function look(page: Page, name: string): Promise<void> {
    await page.screenshot({path: `../dist/browser/screenshots/forced-colors-${name}.png`});
    await expectGrey(page);
}

test('forced colours show in the sidebar what is long, due, marked and under way', async ({page, anna, boris, workspace}) => {
    const roles = [{key: 'ops', name: 'Operations', description: '', default: {kind: 'none' as const, user_id: ''}}];
    const playbook = await workspace.playbook(anna, {checklists: stages(3), severity: {levels: [
        {key: 'SEV1', name: 'Critical', description: '', color: 'red', update_seconds: 0}, {key: 'SEV2', name: 'High', description: '', color: 'yellow', update_seconds: 0},
    ], default: 'SEV2'}, roles});
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await workspace.invite(anna, incident, boris);
    await updateStatus(anna, incident, 'A long update.\n\n'.repeat(40));
    await page.emulateMedia({forcedColors: 'active', colorScheme: 'dark'});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(updates(page).getByRole('button', {name: 'Show more'})).toBeVisible();
    await look(page, 'summary');
    await rhs(page).getByTestId('change-severity').click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await look(page, 'severity');
    await page.keyboard.press('Escape');
    await rhs(page).getByTitle('Change the commander').click();
    await rhs(page).getByRole('button', {name: 'Hand over command…'}).click();
    await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
    await look(page, 'handoff');
    await page.keyboard.press('Escape');
    await page.getByTestId('timeline').click();
    await what(page).fill('The index is missing.');
    await page.getByRole('checkbox', {name: 'Key moment'}).check();
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
        answer = resolve;
    });
    await page.route(/\/timeline$/, async (route) => {
        if (route.request().method() === 'POST') {
            await held;
        }
        await route.fallback();
    });
    await timeline(page).getByRole('button', {name: 'Add Entry'}).click();
    const spinner = timeline(page).locator('[aria-busy="true"] > [class*="spinner"]');
    await expect(spinner).toBeVisible();
    const [start, end] = await spinner.evaluate((element) => [getComputedStyle(element).borderTopColor, getComputedStyle(element).borderRightColor]);
    expect(start).not.toBe(end);
    await look(page, 'sending');
    answer();
    const marked = timeline(page).locator('[class*="marked"]').filter({hasText: 'The index is missing.'});
    await expect(marked).toHaveCSS('outline-style', 'solid');
    await look(page, 'timeline');
});

test('forced colours show on the pages what is current, urgent and impossible', async ({page, anna, boris, workspace}) => {
    const role = (name: string) => ({key: name.toLowerCase(), name, description: '', default: {kind: 'none' as const, user_id: ''}});
    const playbook = await workspace.playbook(anna, {roles: [role('First'), role('Second')]});
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await workspace.invite(anna, incident, boris);
    await anna.plugin('POST', `/incidents/${incident.id}/followups`, {title: 'Alert earlier', owner_id: anna.id, due_at: Date.now() - 86_400_000});
    await endIncident(anna, incident);
    await page.emulateMedia({forcedColors: 'active', colorScheme: 'dark'});
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByTestId('followupsLHSButton')).toContainText('1');
    await expect(page.getByTestId('followupsLHSButton').locator('[class*="urgent"]')).toHaveCSS('border-top-width', '2px');
    await look(page, 'incidents');
    await open(page, backstage(workspace.team, '/followups'));
    await expect(page.getByTestId('followup')).toContainText('Overdue');
    await look(page, 'followups');
    await open(page, backstage(workspace.team, `/incidents/${incident.id}#retrospective`));
    await page.getByTestId('retrospective-summary').getByRole('button', {name: /^Edit: /}).click();
    await look(page, 'retrospective');
    await open(page, backstage(workspace.team, '/playbooks'));
    await expect(page.getByText(playbook.title)).toBeVisible();
    await look(page, 'playbooks');
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    for (const name of ['Tasks', 'Preferences', 'Retrospective', 'Severity', 'Roles', 'Channel']) {
        await page.getByRole('tab', {name}).click();
        await expect(page.getByRole('tab', {name})).toHaveAttribute('aria-selected', 'true');
        await page.waitForLoadState('networkidle');
        await look(page, `editor-${name.toLowerCase()}`);
    }
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhs(page).getByTestId('rhs-title')).toBeVisible();
    await look(page, 'ended');
});
