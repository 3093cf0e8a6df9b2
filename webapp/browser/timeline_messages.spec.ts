import {expectCoversNoAction, inspect} from './harness/checks';
import {channelPath, open} from './harness/page';
import {openPostActions} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {add, entries, openTimeline} from './harness/timeline';
import {channelOf, deletePost, editPost, writePost} from './harness/workspace';

test('a message shows what it said first, and that it was deleted', inBothFrames, async ({page, anna, boris, workspace}) => {
    const incident = await workspace.incident(anna);
    await workspace.invite(anna, incident, boris);
    const post = await writePost(boris, incident.channel_id, 'It began at ten');
    await add(anna, incident, {post_id: post.id});
    await openTimeline(page, workspace, incident);
    const row = entries(page, 'It began at');
    await expect(row).toContainText('It began at ten');
    await editPost(boris, post, 'It began at eleven');
    await expect(row).toContainText('It began at eleven');
    await row.getByRole('button', {name: 'Show the first version'}).click();
    await expect(row).toContainText('It began at ten');
    await row.getByRole('link').click();
    await expect(page.locator(`#post_${post.id}`)).toBeVisible();
    await deletePost(boris, post);
    await expect(row).toContainText('The message was deleted since.');
    await expect(row).toContainText('It began at eleven');
    await expect(row.getByRole('link')).toHaveCount(0);
    await inspect(page, anna, 'rhs-timeline-message', '#rhsContainer');
});

for (const kind of ['incident', 'private', 'direct'] as const) {
    test(`the menu of a message adds it, and says before who will see it: ${kind}`, inBothFrames, async ({page, anna, boris, workspace}) => {
        const incident = await workspace.incident(anna, {name: 'Checkout is slow'});
        await workspace.invite(anna, incident, boris);
        const channel = {
            incident: () => channelOf(anna, incident), private: () => workspace.channel('P', anna, boris), direct: () => workspace.direct(anna, boris),
        };
        const {id, name, display_name: displayName} = await channel[kind]();
        const post = await writePost(boris, id, 'The cache is cold');
        await open(page, kind === 'direct' ? `/${workspace.team.name}/messages/@${boris.username}` : channelPath(workspace.team, name));
        const menu = await openPostActions(page, post.id);
        await menu.getByText('Add to incident timeline').click();
        const dialog = page.getByRole('dialog', {name: 'Add to incident timeline'});
        await expect(dialog).toContainText('The cache is cold');
        const disclosure = dialog.getByTestId('timeline-disclosure');
        await expect(disclosure).toContainText('All who may see this incident will see the message');
        await expect(disclosure).toContainText({incident: 'edited or deleted.', private: `the private channel ${displayName}`, direct: 'It comes from a direct message'}[kind]);
        await (kind === 'incident' ? expect(dialog.getByRole('combobox')).toHaveCount(0) : expect(dialog.getByLabel('Incident')).toHaveValue(incident.id));
        await inspect(page, anna, `timeline-add-${kind}`, '[role=dialog]');
        await dialog.getByRole('button', {name: 'Add Message'}).click();
        await expect(dialog).toBeHidden();
        const toast = page.getByTestId('incident-toast');
        await expect(toast).toHaveText('The message is on the timeline of “Checkout is slow” now.');
        await expectCoversNoAction(toast);
        await openTimeline(page, workspace, incident);
        const row = entries(page, 'The cache is cold');
        await expect(row).toContainText(boris.username);
        if (kind !== 'incident') {
            await expect(row).toContainText(kind === 'private' ? `wrote in ${displayName}` : 'wrote in a direct message');
        }
    });
}

test('the menu of a message has no entry for who is in no incident', inBothFrames, async ({page, anna, workspace}) => {
    const square = await workspace.townSquare(anna);
    const post = await writePost(anna, square.id, 'Just talk');
    await open(page, channelPath(workspace.team, 'town-square'));
    const menu = await openPostActions(page, post.id);
    await expect(menu.getByText('Start incident')).toBeVisible();
    await expect(menu.getByText('Add to incident timeline')).toHaveCount(0);
});
