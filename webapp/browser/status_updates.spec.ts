import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';
import type {Channel} from 'src/types/host_rest';

import {inspect} from './harness/checks';
import {allowErrors, channelPath, open} from './harness/page';
import {newPerson} from './harness/person';
import {
    choose, dialog, dialogCancel, dialogId, dialogIntroduction, dialogSelect, dialogTitle, goTo, openPostMenu,
    posts, rhsTitle, slash, submit, updates,
} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {channelOf, deletePost, editPost, postsOf, stages, updateStatus, Workspace, writePost} from './harness/workspace';

async function openIncident(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
}

async function openDialog(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await openIncident(page, workspace, incident);
    await slash(page, '/incident update');
    await expect(dialogTitle(page)).toHaveText('Update Status');
}

const introduction = (page: Page) => dialogIntroduction(page);
const message = (page: Page) => dialog(page).getByTestId('messageinput');
const reminder = (page: Page) => dialogSelect(page).getByRole('combobox');
const update = (page: Page) => updates(page).locator('div[class^="UpdateSection-"]');
const none = 'Nobody has posted an update yet. Click here to post the first one.';

async function deleteOnPage(page: Page, postId: string): Promise<void> {
    allowErrors(page, new RegExp(`404.*/api/v4/posts/${postId}`)); // it may go while the sidebar is asking for it
    const menu = await openPostMenu(page, postId);
    await menu.locator(`#delete_post_${postId}`).click();
    await page.locator('#deletePostModalButton').click();
}

test('the dialog names the public channel of the broadcast', inBothFrames, async ({page, anna, workspace}) => {
    const target = await workspace.channel('O', anna);
    await openDialog(page, workspace, await workspace.staged(anna, stages(1), {playbook: {broadcast_channel_id: target.id}}));
    await expect(introduction(page)).toContainText('broadcast');
    await expect(introduction(page).getByRole('link', {name: target.display_name})).toBeVisible();
    await inspect(page, anna, 'dialog-update', dialogId());
});

for (const kind of ['private', 'direct', 'group'] as const) {
    test(`the dialog does not name the ${kind} channel of the broadcast`, inBothFrames, async ({page, anna, boris, workspace}) => {
        const clara = await newPerson('Clara', 'Ek');
        const makers: Record<typeof kind, () => Promise<Channel>> = {
            private: () => workspace.channel('P', anna),
            direct: () => workspace.direct(anna, boris),
            group: () => workspace.direct(anna, boris, clara),
        };
        const target = await makers[kind]();
        await openDialog(page, workspace, await workspace.staged(anna, stages(1), {playbook: {broadcast_channel_id: target.id}}));
        await expect(introduction(page)).toContainText('broadcast to a private channel');
        await expect(introduction(page).locator('a')).toHaveCount(0);
        await expect(introduction(page)).not.toContainText(target.display_name || boris.username);
    });
}

test('the dialog does not mention broadcasting without one', inBothFrames, async ({page, anna, workspace}) => {
    await openDialog(page, workspace, await workspace.staged(anna, stages(1)));
    await expect(introduction(page)).toContainText('posted in this channel');
    await expect(introduction(page)).not.toContainText('broadcast');
});

test('the first update begins with the template', inBothFrames, async ({page, anna, workspace}) => {
    await openDialog(page, workspace, await workspace.staged(anna, stages(1), {playbook: {reminder_message_template: '**Impact:** \n**Next:** '}}));
    await expect(message(page)).toHaveValue('**Impact:** \n**Next:** ');
});

test('the next update begins with the last one', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1), {playbook: {reminder_message_template: 'a template'}});
    await updateStatus(anna, incident, 'It is **worse**');
    await openDialog(page, workspace, incident);
    await expect(message(page)).toHaveValue('It is **worse**');
});

test('the first reminder is the default of the playbook', inBothFrames, async ({page, anna, workspace}) => {
    await openDialog(page, workspace, await workspace.staged(anna, stages(1), {playbook: {reminder_timer_default_seconds: 3600}}));
    await expect(reminder(page)).toHaveValue('60min');
});

test('the next reminder is the last choice', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await openIncident(page, workspace, incident);
    // Typing what is there already opens no list; at first that is None.
    for (const choice of ['15min', '30min', '60min', '4hr', '24hr', 'None']) {
        await slash(page, '/incident update');
        await message(page).fill(`Again in: ${choice}`);
        await choose(page, choice);
        await submit(page);
        await expect(update(page)).toContainText(`Again in: ${choice}`);
        await slash(page, '/incident update');
        await expect(reminder(page)).toHaveValue(choice);
        await dialogCancel(page).click();
        await expect(dialog(page)).toBeHidden();
    }
});

test('the sidebar shows the newest of two updates', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await openIncident(page, workspace, incident);
    for (const text of ['The first update', 'The second update']) {
        await slash(page, '/incident update');
        await message(page).fill(text);
        await submit(page);
        await expect(update(page)).toContainText(text);
        await expect(update(page)).toHaveCount(1);
    }
    await expect(updates(page)).not.toContainText('The first update');
    await expect(update(page)).toContainText(anna.username);
});

test('deleting the newest update brings the one before', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await updateStatus(anna, incident, 'The first update');
    const {id} = await updateStatus(anna, incident, 'The second update');
    await openIncident(page, workspace, incident);
    await expect(update(page)).toContainText('The second update');
    await deleteOnPage(page, id);
    await expect(update(page)).toContainText('The first update');
});

test('an edited update shows its new text', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const {id} = await updateStatus(anna, incident, 'An old text');
    await openIncident(page, workspace, incident);
    await expect(update(page)).toContainText('An old text');
    const menu = await openPostMenu(page, id);
    await menu.locator(`#edit_post_${id}`).click();
    await page.getByTestId('edit_textbox').fill('A new text');
    await page.locator('#editButton').click();
    await expect(update(page)).toContainText('A new text');
    await expect(update(page)).toContainText('(edited)');
});

test('an update older than the loaded posts', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const {id} = await updateStatus(anna, incident, 'Older than all the talk');
    // A channel is opened with its newest 60 posts.
    for (let index = 0; index < 60; index++) {
        await writePost(anna, incident.channel_id, `Talk ${index}`);
    }
    await openIncident(page, workspace, incident);
    await expect(update(page)).toContainText('Older than all the talk');
    await expect(posts(page).getByText('Talk 59', {exact: true})).toBeVisible();
    await expect(page.locator(`#post_${id}`)).toHaveCount(0);
});

for (const text of ['newest of two', 'only']) {
    test(`the ${text} deleted while the user is elsewhere`, async ({page, anna, workspace}) => {
        const incident = await workspace.incident(anna);
        if (text !== 'only') {
            await updateStatus(anna, incident, 'The first update');
        }
        const newest = await updateStatus(anna, incident, 'The newest update');
        await openIncident(page, workspace, incident);
        await expect(update(page)).toContainText('The newest update');
        await goTo(page, 'town-square');
        await deletePost(anna, newest);
        await goTo(page, (await channelOf(anna, incident)).name);
        await (text !== 'only' ? expect(update(page)).toContainText('The first update') : expect(updates(page)).toHaveText(none));
    });
}

test('edited while the user is elsewhere', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const post = await updateStatus(anna, incident, 'An old text');
    await openIncident(page, workspace, incident);
    await expect(update(page)).toContainText('An old text');
    await goTo(page, 'town-square');
    await editPost(anna, post, 'A new text');
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(update(page)).toContainText('A new text');
});

test('without updates a sentence leads to the first one', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openIncident(page, workspace, incident);
    await expect(updates(page)).toHaveText(none);
    await updates(page).getByText('Click here').click();
    await expect(dialogTitle(page)).toHaveText('Update Status');
});

test('deleting the only update', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const {id} = await updateStatus(anna, incident, 'The only update');
    await openIncident(page, workspace, incident);
    await expect(update(page)).toContainText('The only update');
    await deleteOnPage(page, id);
    await expect(updates(page)).toHaveText(none);
});

test('deleting both updates, the newest first', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const first = await updateStatus(anna, incident, 'The first update');
    const second = await updateStatus(anna, incident, 'The second update');
    await openIncident(page, workspace, incident);
    await expect(update(page)).toContainText('The second update');
    await deleteOnPage(page, second.id);
    await expect(update(page)).toContainText('The first update');
    await deleteOnPage(page, first.id);
    await expect(updates(page)).toHaveText(none);
});

test('both deleted while the user is elsewhere', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const both = [await updateStatus(anna, incident, 'The first update'), await updateStatus(anna, incident, 'The second update')];
    await openIncident(page, workspace, incident);
    await expect(update(page)).toContainText('The second update');
    await goTo(page, 'town-square');
    for (const post of both) {
        await deletePost(anna, post);
    }
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(updates(page)).toHaveText(none);
});

for (const type of ['O', 'P'] as const) {
    test(`an update is broadcast to a ${type === 'O' ? 'public' : 'private'} channel`, inBothFrames, async ({page, anna, workspace}) => {
        const target = await workspace.channel(type, anna);
        const incident = await workspace.staged(anna, stages(1), {playbook: {broadcast_channel_id: target.id}});
        await openIncident(page, workspace, incident);
        await slash(page, '/incident update');
        await message(page).fill('All *quiet*: 50% done\nand a second line');
        await submit(page);
        await expect(update(page)).toContainText('All quiet: 50% done');
        await expect(update(page)).toContainText('and a second line');

        await goTo(page, target.name);
        const post = posts(page).filter({hasText: 'All quiet: 50% done'});
        await expect(post.locator('h1')).toHaveText(incident.name);
        for (const part of [`By @${anna.username}`, 'Duration: < 1m', 'Status: Ongoing']) {
            await expect(post).toContainText(part);
        }
        const [newest] = await postsOf(anna, target.id);
        expect(newest?.message).toContain('All *quiet*: 50% done\nand a second line');
    });
}
