import {allowErrors, backstage, channelPath, open} from './harness/page';
import {rhs, rhsTitle, tasks} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {add, chooseFromMenu, entries, openTimeline, timeline} from './harness/timeline';
import {readIncident, stages} from './harness/workspace';

test('a half-typed task and the view of the sidebar outlast a reload', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('tasks').click();
    await page.getByTestId('add-task').click();
    await rhs(page).getByLabel('Name').fill('Half a ta');
    await rhs(page).getByLabel(/^Slash command/).fill('/echo');
    await page.reload();
    await expect(page.getByTestId('tasks')).toHaveAttribute('aria-selected', 'true');
    await expect(rhs(page).getByLabel('Name')).toHaveValue('Half a ta');
    await expect(rhs(page).getByLabel(/^Slash command/)).toHaveValue('/echo');
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(tasks(page, 'Half a ta')).toBeVisible();
    await expect(rhs(page).getByLabel('Name')).toHaveCount(0); // the event may come before the answer
    await page.reload();
    await expect(tasks(page, 'Half a ta')).toBeVisible();
    await expect(rhs(page).getByLabel('Name')).toHaveCount(0);
});

test('an unsaved playbook outlasts a reload, and can be discarded', inBothFrames, async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage'});
    page.on('dialog', (dialog) => void dialog.accept());
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByPlaceholder('Task Name').first().fill('Another name');
    // What stands in a field that is still open counts too.
    await page.locator('#playbook-name .editable-trigger').click();
    await page.locator('#playbook-name .editable-input').fill('Half a na');
    await page.reload();
    await expect(page.getByPlaceholder('Task Name').first()).toHaveValue('Another name');
    await expect(page.locator('#playbook-name')).toContainText('Half a na');
    await expect(page.getByText('Your changes from before were kept.')).toBeVisible();
    await page.getByRole('button', {name: 'Discard Them'}).click();
    await expect(page.locator('#playbook-name')).toContainText('Outage');
    await expect(page.getByPlaceholder('Task Name').first()).toHaveValue('First task one');
    await page.reload();
    await expect(page.locator('#playbook-name')).toContainText('Outage');
    await expect(page.getByText('Your changes from before were kept.')).toHaveCount(0);
});

test('a session that has ended says so, leads to the login and keeps what was typed', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    await page.getByTestId('add-task').click();
    await rhs(page).getByLabel('Name').fill('Not lost');
    allowErrors(page, /401/);
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(rhs(page).getByRole('alert')).toContainText('Your session has ended. Sign in again.');
    const link = rhs(page).getByRole('link', {name: 'Sign in'});
    expect(decodeURIComponent(await link.getAttribute('href') ?? '')).toMatch(new RegExp(`^(/[^/]+)?/login\\?redirect_to=/${workspace.team.name}/channels/`));
    await link.click();
    await expect(page.locator('#loginId')).toBeVisible();
    await page.context().addCookies(cookies);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhs(page).getByLabel('Name')).toHaveValue('Not lost');
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(tasks(page, 'Not lost')).toBeVisible();
    expect((await readIncident(anna, incident)).checklists[0]?.items.map(({title}) => title)).toContain('Not lost');
});

test('a half-typed reason outlasts a reload, and what is cancelled does not come back', async ({page, anna, workspace}) => {
    const level = {description: '', color: 'red' as const, update_seconds: 0};
    const severity = {levels: [{...level, key: 'S1', name: 'High'}, {...level, key: 'S2', name: 'Low'}], default: 'S2'};
    const incident = await workspace.staged(anna, stages(1), {playbook: {severity}});
    await anna.plugin('POST', `/incidents/${incident.id}/followups`, {title: 'Alert earlier'});
    const form = page.getByRole('dialog');

    await open(page, channelPath(workspace.team, incident.channel_id));
    const change = rhs(page).getByRole('button', {name: 'Change Severity'});
    await change.click();
    await form.getByRole('radio', {name: /High/}).check();
    await form.getByLabel('Reason (optional)').fill('Half a rea');
    await page.reload();
    await change.click();
    await expect(form.getByRole('radio', {name: /High/})).toBeChecked();
    await expect(form.getByLabel('Reason (optional)')).toHaveValue('Half a rea');
    await form.getByRole('button', {name: 'Cancel'}).click();
    await change.click();
    await expect(form.getByLabel('Reason (optional)')).toHaveValue('');

    await open(page, backstage(workspace.team, '/followups'));
    const drop = async () => {
        await page.getByRole('button', {name: 'More for Alert earlier'}).click();
        await page.getByRole('menuitem', {name: 'Drop'}).click();
    };
    await drop();
    await form.getByRole('textbox').fill('Half a rea');
    await page.reload();
    await drop();
    await expect(form.getByRole('textbox')).toHaveValue('Half a rea');
});

test('a half-edited entry of the timeline outlasts another tab of the sidebar and a reload', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await add(anna, incident, {text: 'The provider called'});
    await openTimeline(page, workspace, incident);
    await chooseFromMenu(entries(page, 'The provider called'), 'Edit');
    const field = timeline(page).getByRole('form', {name: 'Edit the entry'}).getByRole('textbox').first();
    await field.fill('The provider called tw');
    await page.getByTestId('summary').click();
    await page.getByTestId('timeline').click();
    await expect(field).toHaveValue('The provider called tw');
    await page.reload();
    await expect(field).toHaveValue('The provider called tw');
    await timeline(page).getByRole('form', {name: 'Edit the entry'}).getByRole('button', {name: 'Save'}).click();
    await expect(field).toHaveCount(0);
    await page.reload();
    await expect(entries(page, 'The provider called tw')).toBeVisible();
    await expect(field).toHaveCount(0);
});
