import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {expectKind, inspect} from './harness/checks';
import {channelPath, open} from './harness/page';
import {
    dialog, dialogId, dialogTitle, dots, footer, openMenu, rhs, rhsTitle, stageBlock, submit, tasks,
} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {closeStage, goToStage, readIncident, setTask, stages, Workspace} from './harness/workspace';

async function openTab(page: Page, workspace: Workspace, incident: Incident, tab: 'summary' | 'tasks' = 'tasks'): Promise<void> {
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId(tab).click();
    await expect(page.getByTestId(tab)).toHaveAttribute('aria-selected', 'true');
}

async function expectStage(page: Page, title: string, counter: string): Promise<void> {
    await expect(stageBlock(page).locator('.title')).toHaveText('Current Stage:');
    await expect(stageBlock(page).locator('div').getByText(title, {exact: true})).toBeVisible();
    await expect(stageBlock(page).locator('span').getByText(counter, {exact: true})).toBeVisible();
}

const button = (page: Page) => footer(page).locator('button');
const expectEndDialog = (page: Page) => expect(dialogTitle(page)).toHaveText('End this incident?');

for (const tab of ['summary', 'tasks'] as const) {
    test(`the current stage in the tab ${tab}`, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(3));
        await openTab(page, workspace, incident, tab);
        await expectStage(page, 'First', '(1/3)');
        await inspect(page, anna, `rhs-stages-${tab}`, '#rhsContainer');
    });
}

test('the next stage shows in both tabs', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(3));
    await openTab(page, workspace, incident);
    for (const box of await rhs(page).locator('.checkbox').all()) {
        await box.check();
    }
    await button(page).getByText('Next Stage').click();
    await expectStage(page, 'Second', '(2/3)');
    await expect(rhs(page).getByText('Second task one')).toBeVisible();
    await page.getByTestId('summary').click();
    await expectStage(page, 'Second', '(2/3)');
});

test('the next stage waits for the task that was checked last', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(2));
    await closeStage(anna, incident, 0);
    await setTask(anna, incident, 0, 1, '');
    await openTab(page, workspace, incident);
    await page.route(/\/state$/, async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await route.continue();
    });
    await tasks(page, 'First task two').locator('.checkbox').check();
    await button(page).getByText('Next Stage').click();
    await expectStage(page, 'Second', '(2/2)');
    await expect(dialog(page)).toHaveCount(0);
});

for (const count of [0, 1]) {
    test(`no stage block with ${count} stages`, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(count));
        await openTab(page, workspace, incident, 'summary');
        await expect(rhs(page).getByText('Recent Update:')).toBeVisible();
        await expect(stageBlock(page)).toHaveCount(0);
        await page.getByTestId('tasks').click();
        await expect(button(page)).toHaveText('End Incident');
        await expect(stageBlock(page)).toHaveCount(0);
        if (count === 0) {
            await inspect(page, anna, 'rhs-no-stages', '#rhsContainer');
        }
    });
}

test('in the first stage the menu offers the end alone', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(3));
    await openTab(page, workspace, incident);
    await dots(footer(page)).click();
    await expect(openMenu(page).getByRole('menuitem')).toHaveText(['End Incident']);
    await inspect(page, anna, 'rhs-footer-menu', '#rhsContainer');
    await openMenu(page).getByText('End Incident').click();
    await expectEndDialog(page);
    await inspect(page, anna, 'dialog-end', dialogId());
});

test('in the second stage the menu leads back at once', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(3));
    await goToStage(anna, incident, 1);
    await openTab(page, workspace, incident);
    await expectStage(page, 'Second', '(2/3)');
    await dots(footer(page)).click();
    await openMenu(page).getByText('Previous Stage').click();
    await expectStage(page, 'First', '(1/3)');
    await expect(dialog(page)).toBeHidden();
});

test('in the second stage the menu offers the end', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(3));
    await goToStage(anna, incident, 1);
    await openTab(page, workspace, incident);
    await dots(footer(page)).click();
    await expect(openMenu(page).getByRole('menuitem')).toHaveText(['Previous Stage', 'End Incident']);
    await openMenu(page).getByText('End Incident').click();
    await expectEndDialog(page);
});

test('in the last stage the menu leads back and offers no end', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(3));
    await goToStage(anna, incident, 2);
    await openTab(page, workspace, incident);
    await dots(footer(page)).click();
    await expect(openMenu(page).getByRole('menuitem')).toHaveText(['Previous Stage']);
    await openMenu(page).getByText('Previous Stage').click();
    await expectStage(page, 'Second', '(2/3)');
});

test('one stage has no menu', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await openTab(page, workspace, incident);
    await expect(button(page)).toHaveText('End Incident');
    await expect(footer(page)).toBeVisible();
    await expect(dots(footer(page))).toHaveCount(0);
});

const ends = [
    {count: 1, isDone: false},
    {count: 1, isDone: true},
    {count: 2, isDone: false},
    {count: 2, isDone: true},
];
for (const {count, isDone} of ends) {
    test(`the end is ${isDone ? 'suggested' : 'offered'} in stage ${count} of ${count} with ${isDone ? 'all' : 'not all'} tasks done`, inBothFrames, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(count));
        await goToStage(anna, incident, count - 1);
        if (isDone) {
            await closeStage(anna, incident, count - 1);
        }
        await openTab(page, workspace, incident);
        await expect(button(page)).toHaveText('End Incident');
        await expect(button(page)).toHaveCount(1);
        await expectKind(button(page), isDone ? 'primary' : 'secondary');
        await button(page).click();
        await expectEndDialog(page);
    });
}

test('ended and restarted', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await openTab(page, workspace, incident);
    await button(page).click();
    await expectEndDialog(page);
    await submit(page);
    await expect(page.locator('.sidebar--right__title')).toContainText('Ended');
    await expect(button(page)).toHaveText('Restart Incident');
    await expectKind(button(page), 'primary');
    await inspect(page, anna, 'rhs-ended-tasks', '#rhsContainer');
    await page.getByTestId('summary').click();
    await expect(button(page)).toBeDisabled();
    await inspect(page, anna, 'rhs-ended-summary', '#rhsContainer');
    await page.getByTestId('tasks').click();
    await button(page).click();
    await expect(page.locator('.sidebar--right__title')).toContainText('Ongoing');
    await expect(button(page)).toHaveText('End Incident');
    expect(await readIncident(anna, incident)).toMatchObject({is_active: true, end_at: 0});
});

test('the next stage asks when tasks remain', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(2));
    await openTab(page, workspace, incident);
    await expect(button(page)).toHaveText('Next Stage');
    await expectKind(button(page), 'secondary');
    await button(page).click();
    await expect(dialogTitle(page)).toHaveText('Some tasks remain');
    await submit(page);
    await expectStage(page, 'Second', '(2/2)');
});

test('the next stage does not ask when all is done', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(2));
    await closeStage(anna, incident, 0);
    await openTab(page, workspace, incident);
    await expect(button(page)).toHaveText('Next Stage');
    await expectKind(button(page), 'primary');
    await button(page).click();
    await expectStage(page, 'Second', '(2/2)');
    await expect(dialog(page)).toBeHidden();
});
