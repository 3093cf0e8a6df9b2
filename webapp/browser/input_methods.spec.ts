import type {CDPSession, Page} from '@playwright/test';

import {backstage, channelPath, open} from './harness/page';
import {rhs, rhsTitle, tasks} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {readIncident, stages} from './harness/workspace';

/** An input method at the field with the focus, as Chromium reports it to the page. */
async function inputMethod(page: Page): Promise<{compose: (text: string) => Promise<void>; press: (key: string) => Promise<void>; confirm: (text: string) => Promise<void>}> {
    const session: CDPSession = await page.context().newCDPSession(page);
    return {
        compose: async (text) => {
            await session.send('Input.imeSetComposition', {text, selectionStart: text.length, selectionEnd: text.length});
        },
        // A key that the input method takes inserts nothing.
        press: async (key) => {
            const event = {key, code: key, windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229};
            await session.send('Input.dispatchKeyEvent', {type: 'rawKeyDown', ...event});
            await session.send('Input.dispatchKeyEvent', {type: 'keyUp', ...event});
        },
        confirm: async (text) => {
            await session.send('Input.insertText', {text});
        },
    };
}

for (const text of ['田', 'ひらがな', '한']) {
    test(`keys of an input method choose nobody, end no edit and discard nothing: ${text}`, inBothFrames, async ({page, anna, boris, workspace}) => {
        const incident = await workspace.staged(anna, stages(1));
        await workspace.invite(anna, incident, boris);
        await open(page, channelPath(workspace.team, incident.channel_id));
        await expect(rhsTitle(page)).toHaveText(incident.name);
        const ime = await inputMethod(page);
        const search = rhs(page).getByPlaceholder('Search');

        // The commander.
        await rhs(page).locator('.Assigned-button').click();
        await expect(rhs(page).locator('.incident-user-select__option')).toHaveCount(2);
        for (const key of ['Enter', 'ArrowDown', 'Escape']) {
            await ime.compose(text);
            await ime.press(key);
            await ime.confirm(text);
            await expect(search).toBeVisible();
        }
        await expect(search).toHaveValue(text.repeat(3));
        expect((await readIncident(anna, incident)).commander_user_id).toBe(anna.id);
        await page.keyboard.press('Escape');
        await expect(search).toBeHidden();

        // An assignee.
        await page.getByTestId('tasks').click();
        await tasks(page, 'First task one').locator('.NoAssignee-button').click();
        await expect(rhs(page).locator('.incident-user-select__option')).toHaveCount(2);
        await ime.compose(text);
        await ime.press('Enter');
        await ime.confirm(text);
        await expect(search).toHaveValue(text);
        await page.keyboard.press('Escape');
        expect((await readIncident(anna, incident)).checklists[0]?.items[0]?.assignee_id).toBe('');

        // The form of a task.
        await page.getByTestId('add-task').click();
        const name = rhs(page).getByLabel('Name');
        await expect(name).toBeFocused();
        for (const key of ['Escape', 'Enter']) {
            await ime.compose(text);
            await ime.press(key);
            await ime.confirm(text);
            await expect(name).toBeVisible();
        }
        await expect(name).toHaveValue(text.repeat(2));
        await page.keyboard.press('Enter');
        await expect(tasks(page, text.repeat(2))).toBeVisible();
    });
}

test('keys of an input method end no edit of the editor', inBothFrames, async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage'});
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    const ime = await inputMethod(page);
    await page.locator('#playbook-name .editable-trigger').click();
    const field = page.locator('#playbook-name .editable-input');
    await expect(field).toBeFocused();
    for (const key of ['Enter', 'Escape']) {
        await ime.compose('障害');
        await ime.press(key);
        await ime.confirm('障害');
        await expect(field).toBeVisible();
    }
    await expect(field).toHaveValue('Outage障害障害');
    await page.keyboard.press('Enter');
    await expect(page.locator('#playbook-name')).toContainText('Outage障害障害');

    const task = page.getByPlaceholder('Task Name').first();
    await task.click();
    await page.keyboard.press('End');
    await ime.compose('田');
    await ime.press('Enter');
    await ime.confirm('田');
    await expect(task).toBeFocused();
    await expect(task).toHaveValue('First task one田');
    await page.keyboard.press('Enter');
    await expect(task).not.toBeFocused();
});
