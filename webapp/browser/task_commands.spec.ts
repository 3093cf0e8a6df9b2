import {allowErrors, channelPath, open} from './harness/page';
import {ephemeral, posts, rhs} from './harness/screen';
import {expect, test} from './harness/test';

test('89, 90, 91: commands of tasks', async ({page, anna, world}) => {
    const incident = await world.staged(anna, [{
        title: 'Commands',
        items: [{title: 'Bad', command: '/nosuchcommand now'}, {title: 'Good', command: '/echo Hello from the task'}],
    }]);
    await open(page, channelPath(world.team, incident.channel_id));
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
