import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {inspect, themeColour} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {
    dialog, dialogTitle, dots, goTo, headerIcon, listed, openMenu, rhs, rhsTitle, slash, submit,
} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {channelOf, endIncident, restartIncident, stages, updateStatus, Workspace} from './harness/workspace';

/** Opens a channel without incident and the sidebar there. */
async function openList(page: Page, workspace: Workspace): Promise<void> {
    await open(page, channelPath(workspace.team, 'town-square'));
    await headerIcon(page).click();
    await expect(rhs(page)).toBeVisible();
}

const card = (page: Page, incident: Incident) => listed(page).filter({has: page.getByText(incident.name, {exact: true})});

/** Opens an incident's channel and goes back to the list. */
async function openAndGoBack(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('back-button').click();
    await expect(card(page, incident)).toBeVisible();
}

test('without ongoing incidents the sidebar suggests to start one', inBothFrames, async ({page, anna, workspace}) => {
    await endIncident(anna, await workspace.staged(anna, stages(1)));
    await openList(page, workspace);
    await expect(page.getByTestId('welcome-view-has-playbooks')).toBeVisible();
    await inspect(page, anna, 'rhs-welcome-playbooks');
});

test('without playbooks it suggests to write one', inBothFrames, async ({page, anna, workspace}) => {
    await openList(page, workspace);
    await expect(page.getByTestId('welcome-view')).toBeVisible();
    await inspect(page, anna, 'rhs-welcome', '#rhsContainer');
    await page.getByTestId('welcome-view').getByText('Create Playbook', {exact: true}).click();
    await expect(page).toHaveURL(new RegExp(`${backstage(workspace.team, '/playbooks')}$`));
});

test('ending the only incident ends the list', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await openList(page, workspace);
    await expect(card(page, incident)).toBeVisible();
    await endIncident(anna, incident);
    await expect(page.getByTestId('welcome-view-has-playbooks')).toBeVisible();
    await expect(listed(page)).toHaveCount(0);
});

test('incidents made by others appear in the list and lead nowhere', inBothFrames, async ({page, anna, workspace}) => {
    await openList(page, workspace);
    await expect(page.getByTestId('welcome-view')).toBeVisible();
    await workspace.incident(anna);
    await workspace.incident(anna);
    await expect(page.getByTestId('go-to-channel')).toHaveCount(2);
    await expect(page).toHaveURL(/\/town-square$/);
    await expect(page.getByTestId('back-button')).toBeHidden();
});

test('the way back leads to the list with the incident', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openAndGoBack(page, workspace, incident);
    await expect(page.getByTestId('go-to-channel')).toHaveCount(1);
    await expect(page).toHaveURL(new RegExp(`/${(await channelOf(anna, incident)).name}$`));
});

test('closed in an incident channel, opened elsewhere: the list', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.locator('#searchResultsCloseButton').click();
    await goTo(page, 'town-square');
    await expect(page.locator('#channelHeaderTitle')).toHaveText('Town Square');
    await expect(rhs(page)).toBeHidden();
    await headerIcon(page).click();
    await expect(card(page, incident)).toBeVisible();
});

test('the list stays open in the next channel', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openAndGoBack(page, workspace, incident);
    await goTo(page, 'town-square');
    await expect(page.locator('#channelHeaderTitle')).toHaveText('Town Square');
    await expect(card(page, incident)).toBeVisible();
});

test('the list in a private channel', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const channel = await workspace.channel('P', anna);
    await open(page, channelPath(workspace.team, channel));
    await expect(page.locator('#channelHeaderTitle')).toHaveText(channel.display_name);
    await expect(rhs(page)).toBeHidden();
    await headerIcon(page).click();
    await expect(card(page, incident)).toBeVisible();
});

test('each team has its own list', inBothFrames, async ({page, anna, workspace}) => {
    const other = await Workspace.create(anna);
    const incident = await workspace.incident(anna);
    const otherIncident = await other.incident(anna);
    await openList(page, workspace);
    await expect(listed(page)).toHaveCount(1);
    await expect(card(page, incident)).toBeVisible();
    await page.locator(`#${other.team.name}TeamButton`).click();
    await expect(page).toHaveURL(new RegExp(`/${other.team.name}/`));
    await expect(card(page, otherIncident)).toBeVisible();
    await expect(listed(page)).toHaveCount(1);
    await page.locator(`#${workspace.team.name}TeamButton`).click();
    await expect(card(page, incident)).toBeVisible();
    await expect(listed(page)).toHaveCount(1);
});

test('from the list to the incident', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openList(page, workspace);
    await page.getByTestId('go-to-channel').click();
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(page.locator('.sidebar--right__title')).toContainText('Ongoing');
    await expect(page).toHaveURL(new RegExp(`/${(await channelOf(anna, incident)).name}$`));
});

test('from the list to the incident of the same channel', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openAndGoBack(page, workspace, incident);
    await page.getByTestId('go-to-channel').click();
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(page.getByTestId('summary')).toBeVisible();
});

test('another incident channel opens the closed sidebar', inBothFrames, async ({page, anna, workspace}) => {
    const [a, b] = [await workspace.incident(anna), await workspace.incident(anna)];
    await open(page, channelPath(workspace.team, b.channel_id));
    await expect(rhsTitle(page)).toHaveText(b.name);
    await page.locator('#searchResultsCloseButton').click();
    await expect(rhs(page)).toBeHidden();
    await goTo(page, (await channelOf(anna, a)).name);
    await expect(rhsTitle(page)).toHaveText(a.name);
});

test('newest first, the one of the current channel marked', inBothFrames, async ({page, anna, workspace}) => {
    const older = await workspace.incident(anna);
    const newer = await workspace.incident(anna);
    await openAndGoBack(page, workspace, older);
    await expect(listed(page)).toHaveCount(2);
    await expect(listed(page).nth(0)).toContainText(newer.name);
    await expect(listed(page).nth(1)).toContainText(older.name);
    const accent = await themeColour(page, '--button-bg');
    const shadows = await listed(page).evaluateAll((cards) => cards.map((one) => getComputedStyle(one).boxShadow));
    const line = /rgba\(63, 67, 80, 0\.24\) 0px -1px 0px 0px inset/;
    expect(shadows[0]).toMatch(line);
    expect(shadows[0]).not.toContain('4px');
    expect(shadows[1]).toMatch(line);
    expect(shadows[1]).toContain(`${accent} 4px 0px 0px 0px inset`);
    await inspect(page, anna, 'rhs-list', '#rhsContainer');
});

test('the same incident channel opens the closed sidebar again', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.locator('#searchResultsCloseButton').click();
    await goTo(page, 'town-square');
    await expect(page.locator('#channelHeaderTitle')).toHaveText('Town Square');
    await expect(rhs(page)).toBeHidden();
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(rhsTitle(page)).toHaveText(incident.name);
});

test('back in the incident channel the list becomes the incident', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await goTo(page, 'town-square');
    await expect(card(page, incident)).toBeVisible();
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(page.getByTestId('summary')).toBeVisible();
});

test('an incident appears when somebody adds me', inBothFrames, async ({page, anna, boris, workspace}) => {
    const incident = await workspace.incident(boris);
    await openList(page, workspace);
    await expect(page.getByTestId('welcome-view')).toBeVisible();
    await workspace.invite(boris, incident, anna);
    await expect(card(page, incident)).toBeVisible();
});

test('an incident to which somebody adds me while the sidebar is closed', inBothFrames, async ({page, anna, boris, workspace}) => {
    const [mine, incident] = [await workspace.incident(anna), await workspace.incident(boris)];
    await openList(page, workspace);
    await expect(card(page, mine)).toBeVisible();
    await headerIcon(page).click();
    await expect(rhs(page)).toBeHidden();
    const known = page.waitForResponse((response) => response.url().includes('/incidents/channels'));
    await workspace.invite(boris, incident, anna);
    await known;
    await headerIcon(page).click();
    await expect(card(page, incident)).toBeVisible();
});

test('an incident I have just made is listed', inBothFrames, async ({page, anna, workspace}) => {
    await open(page, channelPath(workspace.team, 'town-square'));
    const incident = await workspace.incident(anna);
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('back-button').click();
    await expect(card(page, incident)).toBeVisible();
});

test('an incident disappears when I am removed', inBothFrames, async ({page, anna, boris, workspace}) => {
    const incident = await workspace.incident(boris);
    await workspace.invite(boris, incident, anna);
    await openList(page, workspace);
    await expect(card(page, incident)).toBeVisible();
    await workspace.remove(boris, incident, anna);
    await expect(listed(page)).toHaveCount(0);
    await expect(page.getByTestId('welcome-view')).toBeVisible();
});

test('an incident that I end is no longer listed', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    const other = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    await rhs(page).getByText('End Incident', {exact: true}).click();
    await submit(page);
    await expect(page.locator('.sidebar--right__title')).toContainText('Ended');
    await page.getByTestId('back-button').click();
    await expect(card(page, other)).toBeVisible();
    await expect(card(page, incident)).toHaveCount(0);
});

test('an incident that somebody else ends disappears', inBothFrames, async ({page, anna, boris, workspace}) => {
    const incident = await workspace.incident(boris);
    await workspace.invite(boris, incident, anna);
    await openList(page, workspace);
    await expect(card(page, incident)).toBeVisible();
    await endIncident(boris, incident);
    await expect(card(page, incident)).toHaveCount(0);
});

for (const isMine of [true, false]) {
    test(`${isMine ? 'my' : 'another’s'} incident disappears with its end and is back with its restart`, inBothFrames, async ({page, anna, boris, workspace}) => {
        const commander = isMine ? anna : boris;
        const incident = await workspace.incident(commander);
        if (!isMine) {
            await workspace.invite(boris, incident, anna);
        }
        await openList(page, workspace);
        await expect(card(page, incident)).toBeVisible();
        await endIncident(commander, incident);
        await expect(card(page, incident)).toHaveCount(0);
        await restartIncident(commander, incident);
        await expect(card(page, incident)).toBeVisible();
    });
}

test('the list starts an incident', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.staged(anna, stages(1));
    await openList(page, workspace);
    await rhs(page).getByText('Start Incident', {exact: true}).click();
    await expect(dialogTitle(page)).toHaveText('Incident Details');
});

test('the list leads to the playbooks', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    await openList(page, workspace);
    await dots(rhs(page)).click();
    await openMenu(page).getByText('Create Playbook', {exact: true}).click();
    await expect(page).toHaveURL(new RegExp(`${backstage(workspace.team, '/playbooks')}$`));
});

test('the list leads to all incidents', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    await openList(page, workspace);
    await dots(rhs(page)).click();
    await inspect(page, anna, 'rhs-list-menu', '#rhsContainer');
    await page.getByTestId('see-all-incidents').click();
    await expect(page).toHaveURL(new RegExp(`${backstage(workspace.team, '/incidents')}(\\?.*)?$`));
});

test('the foot of the list leads to all incidents', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    await openList(page, workspace);
    await rhs(page).locator('a').click();
    await expect(page).toHaveURL(new RegExp(`${backstage(workspace.team, '/incidents')}(\\?.*)?$`));
});

for (const how of ['command', 'REST']) {
    test(`the list shows when the status was updated by ${how}`, inBothFrames, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(1));
        await openAndGoBack(page, workspace, incident);
        const value = page.getByTestId('last-updated-label').locator('xpath=following-sibling::*[1]');
        await expect(value).toHaveText('-');
        if (how === 'command') {
            await slash(page, '/incident update');
            await dialog(page).getByTestId('messageinput').fill('We are on it');
            await submit(page);
        } else {
            await updateStatus(anna, incident, 'We are on it');
        }
        await expect(value).toHaveText('< 1m ago');
    });
}
