import type {Page} from '@playwright/test';

import type {Playbook} from 'src/types/playbook';

import {inspect} from './harness/checks';
import {allowErrors, backstage, open} from './harness/page';
import type {Person} from './harness/person';
import {expect, test} from './harness/test';
import {stages, Workspace} from './harness/workspace';

const broadcast = (page: Page) => page.locator('#playbook-preferences-broadcast-channel');
const save = (page: Page) => page.getByTestId('save_playbook');
const names = (page: Page) => page.getByPlaceholder('Task Name');
const discard = (page: Page) => page.locator('#confirmModal').filter({hasText: 'Discard your changes?'});

/** The names of all tasks in their order, stage by stage. */
async function order(page: Page): Promise<string[]> {
    return names(page).evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
}

async function openEditor(page: Page, workspace: Workspace, playbook: Playbook): Promise<void> {
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await expect(page.locator('#playbook-name')).toContainText(playbook.title);
}

async function saveAndReopen(page: Page, title: string): Promise<void> {
    await save(page).click();
    await expect(page.getByTestId('titlePlaybook')).toBeVisible();
    await page.getByRole('link', {name: title}).click();
    await expect(page.locator('#playbook-name')).toContainText(title);
}

const stored = (by: Person, {id}: {id: string}) => by.plugin<Playbook>('GET', `/playbooks/${id}`);

async function addCommand(page: Page) {
    await page.getByTestId('add-command').click();
    const field = page.getByPlaceholder('Slash Command');
    await expect(field).toBeFocused();
    await expect(field).toHaveValue('/');
    return field;
}

test('a slash command is typed with the suggestions of the host', async ({page, anna, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks/new'));
    await addCommand(page);
    await expect(page.locator('#suggestionList')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.locator('#suggestionList')).toHaveCount(0);
    await inspect(page, anna, 'editor-new');
});

test('an empty slash command is removed', async ({page, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks/new'));
    const field = await addCommand(page);
    await field.fill('');
    await field.blur();
    await expect(page.getByTestId('add-command')).toBeVisible();
    const again = await addCommand(page);
    await again.blur();
    await expect(page.getByTestId('add-command')).toBeVisible();
});

test('the broadcast channel is found by its URL name and stays', async ({page, anna, workspace}) => {
    const channel = await workspace.channel('O', anna);
    const playbook = await workspace.playbook(anna);
    await openEditor(page, workspace, playbook);
    await page.getByText('Preferences', {exact: true}).click();
    await expect(broadcast(page)).toHaveText('Choose a channel');
    await inspect(page, anna, 'editor-preferences');
    await broadcast(page).click();
    await page.keyboard.type(channel.name);
    await page.keyboard.press('Enter');
    await expect(broadcast(page)).toHaveText(channel.display_name);
    await saveAndReopen(page, playbook.title);
    await page.getByText('Preferences', {exact: true}).click();
    await expect(broadcast(page)).toHaveText(channel.display_name);
});

test('the broadcast channel may be a private channel of the user', async ({page, anna, workspace}) => {
    const channel = await workspace.channel('P', anna);
    const playbook = await workspace.playbook(anna);
    await openEditor(page, workspace, playbook);
    await page.getByText('Preferences', {exact: true}).click();
    await broadcast(page).click();
    await page.keyboard.type(channel.name);
    await page.keyboard.press('Enter');
    await expect(broadcast(page)).toHaveText(channel.display_name);
    await saveAndReopen(page, playbook.title);
    await page.getByText('Preferences', {exact: true}).click();
    await expect(broadcast(page)).toHaveText(channel.display_name);
});

test('a channel that the user has left is unknown, with the reason', async ({page, anna, boris, workspace}) => {
    const channel = await workspace.channel('P', anna, boris);
    const playbook = await workspace.playbook(anna);
    await openEditor(page, workspace, playbook);
    await page.getByText('Preferences', {exact: true}).click();
    await broadcast(page).click();
    await page.keyboard.type(channel.id);
    await page.keyboard.press('Enter');
    await expect(broadcast(page)).toHaveText(channel.display_name);
    await save(page).click();
    await expect(page.getByTestId('titlePlaybook')).toBeVisible();
    await anna.host('DELETE', `/channels/${channel.id}/members/${anna.id}`);
    allowErrors(page, /status of 40[34]/);
    await openEditor(page, workspace, playbook);
    await page.getByText('Preferences', {exact: true}).click();
    await expect(broadcast(page)).toHaveText('Unknown Channel');
    await expect(page.getByText('You cannot see this channel')).toBeVisible();
});

test('timer and template of status updates are kept', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna);
    await openEditor(page, workspace, playbook);
    await page.getByText('Preferences', {exact: true}).click();
    await page.getByLabel(/Default time/).selectOption('4hr');
    await page.getByLabel('Template for status updates').fill('What we know:\nWhat we do:');
    await saveAndReopen(page, playbook.title);
    expect(await stored(anna, playbook)).toMatchObject({reminder_timer_default_seconds: 14400, reminder_message_template: 'What we know:\nWhat we do:'});
});

test('every way out of unsaved changes asks', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage'});
    await open(page, backstage(workspace.team, '/playbooks?sort=stages'));
    await page.getByRole('link', {name: 'Outage'}).click();
    await page.getByTestId('icon-arrow-left').click();
    await expect(page.getByTestId('titlePlaybook')).toBeVisible();
    await page.goBack();
    await names(page).first().fill('Changed');

    await page.goBack({waitUntil: 'commit'}).catch(() => undefined);
    await expect(discard(page)).toBeVisible();
    await inspect(page, anna, 'editor-discard');
    await page.keyboard.press('Escape');
    await expect(names(page).first()).toHaveValue('Changed');
    expect(page.url()).toContain(playbook.id);

    await page.getByTestId('icon-arrow-left').click();
    await discard(page).getByRole('button', {name: 'Cancel'}).click();
    await expect(names(page).first()).toHaveValue('Changed');

    const asked = page.waitForEvent('dialog');
    const closing = page.close({runBeforeUnload: true});
    await (await asked).dismiss();
    await closing;
    await expect(names(page).first()).toHaveValue('Changed');

    await page.goBack({waitUntil: 'commit'}).catch(() => undefined);
    await discard(page).getByRole('button', {name: 'Discard Changes'}).click();
    await expect(page.getByTestId('titlePlaybook')).toBeVisible();
    expect(page.url()).toContain('sort=stages');
    expect((await stored(anna, playbook)).checklists[0]?.items[0]?.title).toBe('First task one');
});

test('what was not changed is left without a question', async ({page, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks/new?template_title=Incident%20Management%20Playbook'));
    await page.locator('#playbook-name .editable-trigger').click();
    await page.keyboard.press('Enter');
    await page.getByTestId('icon-arrow-left').click();
    await expect(page.getByRole('heading', {name: 'What is a playbook?'})).toBeVisible();
    await expect(discard(page)).toHaveCount(0);
});

test('a playbook that is saved twice is made once', async ({page, anna, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks/new'));
    await page.locator('#playbook-name .editable-trigger').click();
    await page.locator('#playbook-name .editable-input').fill('Once');
    await page.keyboard.press('Enter');
    await save(page).dblclick();
    await expect(page.getByTestId('titlePlaybook')).toBeVisible();
    const {items} = await anna.plugin<{items: Playbook[]}>('GET', `/playbooks?team_id=${workspace.team.id}`);
    expect(items.map(({title}) => title)).toEqual(['Once']);
});

test('saving that fails or meets changes of others says so', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage'});
    await openEditor(page, workspace, playbook);
    await names(page).first().fill('Mine');
    allowErrors(page, /500|status of 4(04|09)/);
    await page.route(`**/api/v0/playbooks/${playbook.id}`, (route) => (route.request().method() === 'PUT' ? route.fulfill({status: 500, body: ''}) : route.continue()));
    await save(page).click();
    await expect(page.getByRole('alert').filter({hasText: 'The playbook was not saved.'})).toBeVisible();
    await page.unroute(`**/api/v0/playbooks/${playbook.id}`);

    await anna.plugin('PUT', `/playbooks/${playbook.id}`, {...playbook, description: 'Theirs'});
    await save(page).click();
    await expect(page.locator('#confirmModal')).toContainText('This playbook was changed meanwhile');
    await inspect(page, anna, 'editor-conflict');
    await page.locator('#cancelModalButton').click();
    expect((await stored(anna, playbook)).description).toBe('Theirs');

    await anna.plugin('DELETE', `/playbooks/${playbook.id}`);
    await save(page).click();
    await expect(page.getByRole('alert').filter({hasText: 'somebody has deleted it'})).toBeVisible();
    await page.getByRole('button', {name: 'Save as a New Playbook'}).click();
    await expect(page.locator('.playbook-item')).toHaveText([/Outage/]);
});

test('tasks and stages are sorted by dragging', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Sorting', checklists: stages(2)});
    await openEditor(page, workspace, playbook);
    const grip = (name: string) => page.getByRole('button', {name: `Move ${name}`, exact: true});
    const drag = async (from: string, to: string, part: 'upper' | 'lower') => {
        const start = await grip(from).boundingBox();
        const end = await grip(to).boundingBox();
        if (!start || !end) {
            throw new Error('nothing to drag');
        }
        await page.mouse.move(start.x + (start.width / 2), start.y + (start.height / 2));
        await page.mouse.down();
        await page.mouse.move(end.x + (end.width / 2), end.y + (part === 'upper' ? -20 : end.height + 70), {steps: 8});
        await page.mouse.up();
    };
    await drag('First task two', 'First task one', 'upper');
    await expect.poll(() => order(page)).toEqual(['First task two', 'First task one', 'Second task one', 'Second task two']);
    await drag('First task two', 'Second task one', 'lower');
    await expect.poll(() => order(page)).toEqual(['First task one', 'Second task one', 'First task two', 'Second task two']);
    await saveAndReopen(page, 'Sorting');
    expect((await stored(anna, playbook)).checklists.map(({items}) => items.map(({title}) => title))).toEqual([
        ['First task one'], ['Second task one', 'First task two', 'Second task two'],
    ]);
});

test('tasks and stages are sorted by keys, and the grip keeps the focus', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Sorting', checklists: stages(2)});
    await openEditor(page, workspace, playbook);
    const grip = page.getByRole('button', {name: 'Move First task two', exact: true});
    await grip.focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => order(page)).toEqual(['First task one', 'First task two', 'Second task one', 'Second task two']);
    await expect(grip).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => order(page)).toEqual(['First task one', 'Second task one', 'First task two', 'Second task two']);
    await expect(grip).toBeFocused();
    await expect(page.getByText('Moved to position 2 of the stage Second')).toBeAttached();
    await page.getByRole('button', {name: 'Move the stage Second'}).press('ArrowUp');
    await expect.poll(() => order(page)).toEqual(['Second task one', 'First task two', 'Second task two', 'First task one']);
    await saveAndReopen(page, 'Sorting');
    expect((await stored(anna, playbook)).checklists.map(({title}) => title)).toEqual(['Second', 'First']);
});

test('stages and tasks are added, described, previewed and removed', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Building'});
    await openEditor(page, workspace, playbook);
    await page.getByRole('button', {name: '+ New Stage'}).click();
    await expect(names(page).last()).toBeFocused();
    await page.keyboard.type('Call everybody');
    await page.getByRole('button', {name: 'Add a Description (optional)'}).last().click();
    await page.keyboard.type('With **care**');
    await page.getByRole('button', {name: 'Preview'}).click();
    await expect(page.locator('strong', {hasText: 'care'})).toBeVisible();
    await page.getByRole('button', {name: 'Add a Slash Command'}).last().click();
    await page.keyboard.type('echo hello');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await inspect(page, anna, 'editor-tasks');
    await page.getByRole('button', {name: 'Actions for First task two'}).click();
    await page.getByRole('menuitem', {name: 'Delete Task'}).click();
    await expect(page.locator('#confirmModal')).toContainText('First task two');
    await page.locator('#confirmModalButton').click();
    await page.getByRole('button', {name: 'Actions for the stage First'}).click();
    await page.getByRole('menuitem', {name: 'Remove Stage'}).click();
    await page.locator('#confirmModalButton').click();
    await saveAndReopen(page, 'Building');
    const {checklists} = await stored(anna, playbook);
    expect(checklists).toMatchObject([{title: 'New stage', items: [{title: 'Call everybody', description: 'With **care**', command: '/echo hello'}]}]);
});

test('committing a name keeps the row, and the click that did it', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Naming'});
    await openEditor(page, workspace, playbook);
    await names(page).first().fill('Renamed');
    await page.getByTestId('add-command').first().click();
    await expect(page.getByPlaceholder('Slash Command')).toBeFocused();
    await expect(names(page).first()).toHaveValue('Renamed');
    const tasks = page.getByRole('button', {name: 'Tasks of First'});
    await tasks.click();
    await expect(names(page)).toHaveCount(0);
    await page.getByRole('button', {name: /^First ?, Name of the stage/}).click();
    await page.keyboard.type(' aid');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', {name: 'Tasks of First aid'})).toHaveAttribute('aria-expanded', 'false');
    await expect(page.getByRole('button', {name: /^First aid ?, Name of the stage/})).toBeFocused();
});

test('a playbook is shared with people, each once, and never with nobody', async ({page, borisPage, anna, boris, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Shared'});
    await openEditor(page, workspace, playbook);
    const sidebar = page.getByTestId('playbook-sidebar');
    const add = async () => {
        await page.getByRole('button', {name: 'Add People'}).click();
        await page.keyboard.type(boris.username);
    };
    await add();
    await expect(page.getByRole('option').filter({hasText: boris.username})).toBeVisible();
    await inspect(page, anna, 'editor-add-people');
    await page.keyboard.press('Enter');
    await expect(sidebar.getByRole('listitem')).toHaveCount(2);
    await add();
    await expect(page.getByText('Nothing found')).toBeVisible();
    await page.keyboard.press('Escape');
    await page.getByRole('radio', {name: 'Private'}).check();
    await saveAndReopen(page, 'Shared');
    await open(borisPage, backstage(workspace.team, '/playbooks'));
    await expect(borisPage.locator('.playbook-item')).toHaveText([/Shared/]);
    const {create_public_incident: isPublic, member_ids: members} = await stored(boris, playbook);
    expect(isPublic).toBe(false);
    expect([...members].sort()).toEqual([anna.id, boris.id].sort());

    await sidebar.getByRole('listitem').filter({hasText: anna.username}).getByRole('button', {name: 'Remove'}).click();
    await expect(page.getByText('You removed yourself.')).toBeVisible();
    await sidebar.getByRole('button', {name: 'Remove'}).click();
    await expect(page.getByText('Nobody would be able to open this playbook.')).toBeVisible();
    await expect(save(page)).toBeDisabled();
    await inspect(page, anna, 'editor-nobody');
});

test('a name has a limit with a counter', async ({page, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks/new'));
    await page.locator('#playbook-name .editable-trigger').click();
    await page.locator('#playbook-name .editable-input').fill('x'.repeat(5000));
    const length = (await page.locator('#playbook-name .editable-input').inputValue()).length;
    expect(length).toBeLessThan(5000);
    await expect(page.locator('#playbook-name').getByRole('status')).toHaveText(`${length} of ${length} characters`);
});

test('loading and failing of a playbook are shown, and it can be tried again', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna);
    allowErrors(page, /500/);
    await page.route(`**/api/v0/playbooks/${playbook.id}`, (route) => route.fulfill({status: 500, body: ''}));
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await expect(page.getByRole('alert')).toContainText('could not be loaded');
    await inspect(page, anna, 'editor-failed');
    await page.getByRole('link', {name: 'Back to the playbooks'}).click();
    await expect(page.getByTestId('titlePlaybook')).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('alert')).toContainText('could not be loaded');
    await page.unroute(`**/api/v0/playbooks/${playbook.id}`);
    await page.getByRole('button', {name: 'Try Again'}).click();
    await expect(page.locator('#playbook-name')).toContainText(playbook.title);
});

test('the ready-made template is complete and can be saved as it is', async ({page, anna, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks/new?template_title=Incident%20Management%20Playbook'));
    await expect(names(page)).toHaveCount(20);
    await inspect(page, anna, 'editor-template');
    await save(page).click();
    await expect(page.locator('.playbook-item')).toHaveText([/Incident Management Playbook.*3.*20/]);
});

test('back from an editor whose changes are discarded goes back once, and pages name themselves', async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage'});
    const incident = await workspace.incident(anna, {name: 'Checkout is down'});
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page).toHaveTitle(`Incidents - ${workspace.team.display_name}`);
    await page.getByTestId('playbooksLHSButton').click();
    await expect(page).toHaveTitle(`Playbooks - ${workspace.team.display_name}`);
    await page.getByRole('link', {name: 'Outage'}).click();
    await expect(page).toHaveTitle(`Outage - ${workspace.team.display_name}`);
    await page.getByPlaceholder('Task Name').first().fill('Another name');
    await page.goBack();
    await page.getByRole('button', {name: 'Discard Changes'}).click();
    await expect(page).toHaveURL(/\/playbooks$/);
    await page.goBack();
    await expect(page).toHaveURL(/\/incidents$/);
    await page.goForward();
    await page.goForward();
    await expect(page).toHaveURL(new RegExp(`/playbooks/${playbook.id}$`));
    await expect(page.getByPlaceholder('Task Name').first()).toHaveValue('First task one');
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page).toHaveTitle(`Checkout is down - ${workspace.team.display_name}`);
    await page.getByTestId('icon-arrow-left').click();
    await page.locator('.close-icon').click();
    await expect(page).not.toHaveTitle(/^(Incidents|Checkout)/);
});
