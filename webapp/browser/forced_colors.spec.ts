import {backstage, channelPath, open} from './harness/page';
import {rhs, tasks} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {stages} from './harness/workspace';

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
