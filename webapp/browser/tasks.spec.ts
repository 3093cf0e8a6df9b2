import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {inspect} from './harness/checks';
import {channelPath, open} from './harness/page';
import {newPerson} from './harness/person';
import {goTo, rhs, rhsTitle, tasks} from './harness/screen';
import {expect, test} from './harness/test';
import {channelOf, readIncident, setTask, stages, Workspace} from './harness/workspace';

async function openTasks(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('tasks').click();
}

const titles = (page: Page) => rhs(page).locator('.checklist [data-testid=task] [title]:not(button):not(code)');
const order = async (by: Parameters<typeof readIncident>[0], incident: Incident) =>
    (await readIncident(by, incident)).checklists[0]?.items.map(({title}) => title);

const three = [{title: 'Only', items: [{title: 'alpha'}, {title: 'beta'}, {title: 'gamma'}]}];

test('tasks are added, edited and deleted', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await openTasks(page, workspace, incident);
    await page.getByTestId('add-task').click();
    await inspect(page, anna, 'rhs-task-form', '#rhsContainer');
    await rhs(page).getByLabel('Name').fill('A new task');
    await rhs(page).getByLabel(/^Slash command/).fill('/echo hi');
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(tasks(page)).toHaveCount(3);
    await expect(tasks(page, 'A new task').locator('code')).toHaveText('/echo hi');
    await expect(page.getByTestId('add-task')).toBeFocused();

    await tasks(page, 'A new task').getByRole('button', {name: /^More for the task/}).click();
    await inspect(page, anna, 'rhs-task-menu', '#rhsContainer');
    await rhs(page).getByRole('menuitem', {name: 'Edit'}).click();
    await rhs(page).getByLabel('Name').fill('A better task');
    await rhs(page).getByLabel(/^Description/).fill('With **words**');
    await page.keyboard.press('Escape');
    await expect(tasks(page, 'A new task')).toBeVisible();
    await tasks(page, 'A new task').getByRole('button', {name: /^More for the task/}).click();
    await rhs(page).getByRole('menuitem', {name: 'Edit'}).click();
    await rhs(page).getByLabel('Name').fill('A better task');
    await page.keyboard.press('Enter');
    await expect(tasks(page, 'A better task')).toBeVisible();

    await tasks(page, 'A better task').getByRole('button', {name: /^More for the task/}).click();
    await rhs(page).getByRole('menuitem', {name: 'Delete'}).click();
    await expect(page.locator('#confirmModalBody')).toContainText('A better task');
    await inspect(page, anna, 'dialog-delete-task', '#confirmModal');
    await page.locator('#confirmModalButton').click();
    await expect(tasks(page)).toHaveCount(2);
    await expect(page.locator('#confirmModal')).toBeHidden();
    expect(await order(anna, incident)).toEqual(['First task one', 'First task two']);
});

test('what is typed in a task stays while its writer looks elsewhere', async ({page, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await workspace.invite(anna, incident, boris);
    await openTasks(page, workspace, incident);
    await tasks(page, 'First task one').getByRole('button', {name: /^More for the task/}).click();
    await rhs(page).getByRole('menuitem', {name: 'Edit'}).click();
    await rhs(page).getByLabel('Name').fill('A better task');
    await goTo(page, 'town-square');
    await expect(rhs(page).getByLabel('Name')).toHaveCount(0);
    const [stage] = incident.checklists;
    await boris.plugin('PUT', `/incidents/${incident.id}/checklists/0/item/0`, {...stage?.items[0], description: 'By Boris'});
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(rhs(page).getByLabel('Name')).toHaveValue('A better task');
    await expect(rhs(page).getByLabel(/^Description/)).toHaveValue('By Boris');
    await rhs(page).getByRole('button', {name: 'Save'}).click();
    await expect(tasks(page, 'A better task')).toBeVisible();
    expect((await readIncident(anna, incident)).checklists[0]?.items[0]).toMatchObject({title: 'A better task', description: 'By Boris'});
});

test('tasks are sorted with the mouse', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, three);
    await openTasks(page, workspace, incident);
    const from = await tasks(page, 'alpha').getByRole('button', {name: 'Move the task alpha'}).boundingBox();
    const to = await tasks(page, 'gamma').boundingBox();
    if (!from || !to) {
        throw new Error('the rows have to be visible');
    }
    await page.mouse.move(from.x + (from.width / 2), from.y + (from.height / 2));
    await page.mouse.down();
    await page.mouse.move(from.x + 5, to.y + to.height - 4, {steps: 8});
    await page.mouse.up();
    await expect(titles(page)).toHaveText(['beta', 'gamma', 'alpha']);
    await expect(async () => expect(await order(anna, incident)).toEqual(['beta', 'gamma', 'alpha'])).toPass();
});

test('tasks are sorted with the keyboard', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, three);
    await openTasks(page, workspace, incident);
    const handle = tasks(page, 'gamma').getByRole('button', {name: 'Move the task gamma'});
    await handle.focus();
    await page.keyboard.press('ArrowUp');
    await expect(titles(page)).toHaveText(['alpha', 'gamma', 'beta']);
    await expect(handle).toBeFocused();
    await expect(page.getByTestId('incident-live-region')).toHaveText('Moved to position 2 of 3');
    await page.keyboard.press('ArrowUp');
    await expect(titles(page)).toHaveText(['gamma', 'alpha', 'beta']);
    await expect(async () => expect(await order(anna, incident)).toEqual(['gamma', 'alpha', 'beta'])).toPass();
});

test('the description of a task', async ({page, anna, workspace}) => {
    const other = await workspace.channel('O', anna);
    const incident = await workspace.staged(anna, [{title: 'Only', items: [{title: 'With words', description: `Read **this** and go to ~${other.name}`}]}]);
    await openTasks(page, workspace, incident);
    const info = tasks(page).getByRole('button', {name: 'Description of the task With words'});
    await info.click();
    const popover = page.locator('#info-icon');
    await expect(popover.locator('strong', {hasText: 'this'})).toBeVisible();
    await inspect(page, anna, 'rhs-task-description', '#rhsContainer');
    await page.keyboard.press('Escape');
    await expect(popover).toBeHidden();
    await expect(info).toBeFocused();
    await expect(rhs(page)).toBeVisible();
    await info.click();
    // Followed within the page.
    await page.evaluate(() => Object.assign(window, {stillTheSamePage: true}));
    await popover.getByRole('link', {name: other.display_name}).click();
    await expect(page.locator('#channelHeaderTitle')).toHaveText(other.display_name);
    expect(await page.evaluate(() => 'stillTheSamePage' in window)).toBe(true);
});

test('an assignee is found and chosen with the keyboard', async ({page, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await workspace.invite(anna, incident, boris);
    await openTasks(page, workspace, incident);
    const row = tasks(page, 'First task one');
    await row.locator('.NoAssignee-button').focus();
    await page.keyboard.press('Enter');
    const search = rhs(page).getByPlaceholder('Search');
    await expect(search).toBeFocused();
    await expect(rhs(page).locator('.incident-user-select__option').first()).toContainText(anna.username);
    await inspect(page, anna, 'rhs-assignee', '#rhsContainer');
    await page.keyboard.press('Escape');
    await expect(search).toBeHidden();
    await expect(row.locator('.NoAssignee-button')).toBeFocused();

    await page.keyboard.press('Enter');
    await search.fill(boris.username);
    await page.keyboard.press('Enter');
    await expect(row.locator('.Assigned-button')).toContainText(boris.username);
    await row.locator('.Assigned-button').click();
    await rhs(page).getByRole('button', {name: 'No Assignee', exact: true}).filter({hasNotText: boris.username}).last().click();
    await expect(row.locator('.NoAssignee-button')).toBeVisible();
    await expect(async () => {
        expect((await readIncident(anna, incident)).checklists[0]?.items[0]?.assignee_id).toBe('');
    }).toPass();
});

test('the commander is chosen among the members, and people are invited', async ({page, anna, boris, workspace}) => {
    const clara = await newPerson('Clara', 'Ek');
    await workspace.join(clara);
    const incident = await workspace.staged(anna, stages(1));
    await workspace.invite(anna, incident, boris);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await rhs(page).locator('.Assigned-button').click();
    await expect(rhs(page).locator('.incident-user-select__option').filter({hasText: boris.username})).toBeVisible();
    await expect(rhs(page).locator('.incident-user-select__option').filter({hasText: clara.username})).toHaveCount(0);
    await inspect(page, anna, 'rhs-commander', '#rhsContainer');
    await page.keyboard.press('Escape');

    await page.getByTestId('invite-people').click();
    const modal = page.locator('#incidentInviteModal');
    await modal.getByRole('option').filter({hasText: clara.username}).click();
    await inspect(page, anna, 'dialog-invite', '#incidentInviteModal');
    await modal.getByRole('button', {name: 'Add to Channel'}).click();
    await expect(modal).toBeHidden();
    await expect(page.getByTestId('invite-people')).toBeFocused();
    await clara.host('GET', `/channels/${incident.channel_id}/members/${clara.id}`);

    await rhs(page).locator('.Assigned-button').click();
    await rhs(page).locator('.incident-user-select__option').filter({hasText: clara.username}).click();
    await expect(rhs(page).locator('.Assigned-button')).toContainText(clara.username);
    await expect(async () => expect((await readIncident(anna, incident)).commander_user_id).toBe(clara.id)).toPass();
});

test('all states of tasks', async ({page, anna, boris, workspace}) => {
    const incident = await workspace.staged(anna, [{
        title: 'All kinds of tasks',
        items: [
            {title: 'Closed *with* a time'},
            {title: 'In progress'},
            {title: 'Command `and` a longer title that does not fit into one line of the sidebar', command: '/echo "a rather long command that is cut"'},
            {title: 'Plain', description: 'A description'},
        ],
    }, {title: 'Later', items: [{title: 'later'}]}], {description: 'What **happened**:\n- one\n- two'});
    await workspace.invite(anna, incident, boris);
    await setTask(anna, incident, 0, 0);
    await setTask(anna, incident, 0, 1, 'in_progress');
    await anna.plugin('PUT', `/incidents/${incident.id}/checklists/0/item/3/assignee`, {assignee_id: boris.id});
    await openTasks(page, workspace, incident);
    await tasks(page).nth(2).locator('.run').click();
    await expect(tasks(page).nth(2).locator('.run')).toHaveText('Rerun');
    await expect(tasks(page).nth(2)).toContainText('< 1m ago');
    await expect(tasks(page).nth(1)).toContainText('In progress');
    await expect(tasks(page).nth(0).locator('a[href*="/pl/"]')).toHaveText(/^\(\d+:\d\d [AP]M\)$/);
    await expect(page.getByTestId('task-count')).toHaveText('3 remaining, 1 finished');
    await inspect(page, anna, 'rhs-tasks');
    // The time leads to the post that says so, within the page.
    await goTo(page, 'town-square');
    await goTo(page, (await channelOf(anna, incident)).name);
    await tasks(page).nth(0).locator('a[href*="/pl/"]').click();
    await expect(page.locator('.post--highlight')).toBeVisible();
});
