import {channelPath, failRequests, open} from './harness/page';
import {headerIcon, listed, rhs, rhsTitle, tasks} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {readIncident, stages} from './harness/workspace';

test('a change that fails is undone and shows an error', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    const works = await failRequests(page, 'PUT', /\/state$/);
    const row = tasks(page, 'First task one');
    await row.locator('.checkbox').click();
    await expect(row.getByRole('alert')).toContainText('The task could not be changed.');
    await expect(row.locator('.checkbox')).not.toBeChecked();
    await works();
    await row.locator('.checkbox').check();
    await expect(row.locator('.checkbox')).toBeChecked();
    await expect(row.getByRole('alert')).toHaveCount(0);
    await expect(async () => {
        expect((await readIncident(anna, incident)).checklists[0]?.items[0]?.state).toBe('closed');
    }).toPass();
});

test('a request that hangs lets later changes of the same task pass', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    let held = 0;
    await page.route(/\/state$/, (route) => (held++ === 0 ? undefined : route.continue()));
    const box = tasks(page, 'First task one').getByRole('checkbox');
    await box.click();
    await expect(box).toBeChecked();
    await expect(rhs(page).getByRole('alert')).toContainText('The server did not answer in time.');
    await expect(box).not.toBeChecked();
    await box.click();
    await expect(async () => {
        expect((await readIncident(anna, incident)).checklists[0]?.items[0]?.state).toBe('closed');
    }).toPass();
});

test('an incident that cannot be loaded says so and tries again', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    const works = await failRequests(page, 'GET', /\/incidents\/channel\//);

    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/incidents/channel/') && asked.push(request.url()));

    // The title shows before the rest, whose code is still loading. The second view of the failure makes no new request.
    const answered = page.waitForResponse((response) => response.url().includes('/incidents/channel/'));
    await page.route(/sidebar[^/]*\.js/, async (route) => {
        await answered;
        await route.continue();
    });
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhs(page).getByRole('alert')).toContainText('The incident could not be loaded.');
    await works();
    await rhs(page).getByRole('button', {name: 'Try Again'}).click();
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(page.getByTestId('summary')).toBeVisible();
    expect(asked).toHaveLength(2);
});

test('a list that cannot be loaded says so and tries again', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const works = await failRequests(page, 'GET', /\/incidents$/);
    await open(page, channelPath(workspace.team, 'town-square'));
    await headerIcon(page).click();
    await expect(rhs(page).getByRole('alert')).toContainText('Your incidents could not be loaded.');
    await works();
    await rhs(page).getByRole('button', {name: 'Try Again'}).click();
    await expect(listed(page)).toContainText(incident.name);
});
