import {inspect} from './harness/checks';
import {allowErrors, channelPath, open} from './harness/page';
import {ephemeral, posts, rhs} from './harness/screen';
import {expect, test} from './harness/test';

test('commands of tasks run, and an unknown one is reported', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, [{
        title: 'Commands',
        items: [{title: 'Bad', command: '/nosuchcommand now'}, {title: 'Good', command: '/echo Hello from the task'}],
    }]);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    const run = rhs(page).locator('.run');
    await expect(run).toHaveText(['Run', 'Run']);

    // The request that runs an unknown command is refused, which the browser reports.
    allowErrors(page, /status of 400 .*\/run\)$/);
    await run.nth(0).click();
    await expect(ephemeral(page, 'nosuchcommand')).toBeVisible();
    await expect(run.nth(0)).toBeEnabled();
    await expect(run.nth(0)).toHaveText('Run');

    await run.nth(1).click();
    await expect(run.nth(1)).toHaveText('Rerun');
    await expect(posts(page).filter({hasText: 'Hello from the task'})).toBeVisible();

    await page.reload();
    await page.getByTestId('tasks').click();
    await expect(run).toHaveText(['Run', 'Rerun']);
});

test('a command that somebody else wrote is shown whole before it runs', async ({page, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, [{title: 'Commands', items: [{title: 'Task'}]}]);
    await workspace.invite(anna, incident, boris);
    const command = `/echo ${'a rather long command that is cut in the sidebar '.repeat(4)}~secret`;
    const [stage] = incident.checklists;
    await boris.plugin('PUT', `/incidents/${incident.id}/checklists/0/item/0`, {...stage?.items[0], command});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    await rhs(page).locator('.run').click();
    const confirm = page.locator('#confirmModal');
    await expect(confirm.getByTestId('whole-command')).toHaveText(command);
    await inspect(page, anna, 'dialog-run-command', '#confirmModal');
    await page.keyboard.press('Enter');
    await expect(confirm).toBeHidden();
    await expect(rhs(page).locator('.run')).toHaveText('Run');
    await rhs(page).locator('.run').click();
    await confirm.getByRole('button', {name: 'Run Command'}).click();
    await expect(rhs(page).locator('.run')).toHaveText('Rerun');
    await expect(posts(page).filter({hasText: '~secret'})).toBeVisible();

    const chip = rhs(page).locator('code');
    const height = (await chip.boundingBox())?.height ?? 0;
    await chip.click();
    await expect(async () => expect((await chip.boundingBox())?.height ?? 0).toBeGreaterThan(2 * height)).toPass();
});
