import {expectNoSideways, inspect, screenshot} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {rhs} from './harness/screen';
import {expect, test} from './harness/test';
import {channelOf, endIncident, readIncident} from './harness/workspace';

test('a playbook invites people and archives the channel; the plan is seen and undone, and a restart brings an archived channel back', async ({page, anna, boris, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Service outage'});
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByRole('tab', {name: 'Channel'}).click();
    await page.getByRole('button', {name: 'Add a Person'}).press('Enter');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.type(boris.username);
    await expect(page.getByRole('option')).toHaveCount(1);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('list', {name: 'Invited people'})).toContainText(boris.username);
    await page.getByRole('spinbutton').fill('7');
    await inspect(page, anna, 'channel-editor');
    await page.setViewportSize({width: 320, height: 640});
    await expectNoSideways(page);
    await screenshot(page, 'channel-editor-320', 'dark');
    await page.setViewportSize({width: 1280, height: 720});
    await page.getByTestId('save_playbook').click();
    await expect(page).toHaveURL(/\/playbooks$/);

    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await expect.poll(() => boris.host('GET', `/channels/${incident.channel_id}/members/${boris.id}`).then(() => true, () => false)).toBe(true);
    await endIncident(anna, incident);
    await open(page, channelPath(workspace.team, incident.channel_id));
    const outlook = rhs(page).getByTestId('channel-outlook');
    await expect(outlook).toContainText('The channel will be archived on');
    await inspect(page, anna, 'channel-sidebar');
    await outlook.getByRole('button', {name: 'Keep the Channel'}).press('Enter');
    await expect(outlook.getByText('The channel stays.')).toBeFocused();
    expect((await readIncident(anna, incident)).channel).toBeUndefined();

    const other = await workspace.incident(anna, {name: 'Search is down'});
    await anna.plugin('PUT', `/incidents/${other.id}/end`, {archive_channel: true});
    await open(page, backstage(workspace.team, `/incidents/${other.id}`));
    await expect(page.getByTestId('channel-outlook')).toContainText('The channel was archived on', {timeout: 20_000});
    await inspect(page, anna, 'channel-page');
    await page.getByRole('button', {name: 'Restart Incident'}).press('Enter');
    await expect(page.getByRole('dialog')).toContainText('It comes back with its messages and members.');
    await inspect(page, anna, 'channel-restart', '[role=dialog]');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('channel-outlook')).toHaveCount(0);
    expect((await channelOf(anna, other)).delete_at).toBe(0);
});
