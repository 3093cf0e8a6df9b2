import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {themeColour} from './harness/checks';
import {channelPath, open} from './harness/page';
import {unique} from './harness/person';
import {goTo, headerIcon, markedIcon, openOtherSidebar, otherSidebar, rhs, rhsTitle, startBySlash} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {channelOf, endIncident} from './harness/workspace';

const expectOpen = async (page: Page, incident: Pick<Incident, 'name'>) => {
    await expect(rhs(page)).toBeVisible();
    await expect(rhsTitle(page)).toHaveText(incident.name);
};

test('a channel without incident does not open the sidebar', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    await open(page, channelPath(workspace.team, 'town-square'));
    await goTo(page, 'off-topic');
    await page.waitForTimeout(2000);
    await expect(rhs(page)).toBeHidden();
});

test('the sidebar does not open over another one', inBothFrames, async ({page, anna, workspace}) => {
    await open(page, channelPath(workspace.team, 'town-square'));
    await openOtherSidebar(page);
    await expect(otherSidebar(page)).toBeVisible();
    const incident = await workspace.incident(anna);
    await goTo(page, (await channelOf(anna, incident)).name);
    await page.waitForTimeout(2000);
    await expect(rhs(page)).toBeHidden();
    await expect(otherSidebar(page)).toBeVisible();
    await page.locator('#searchResultsCloseButton').click();
    await expect(otherSidebar(page)).toBeHidden();
    await expect(rhs(page)).toBeHidden();
});

for (const isActive of [true, false]) {
    test(`the address of an ${isActive ? 'ongoing' : 'ended'} incident's channel opens it`, inBothFrames, async ({page, anna, workspace}) => {
        const incident = await workspace.incident(anna);
        if (!isActive) {
            await endIncident(anna, incident);
        }
        await open(page, channelPath(workspace.team, incident.channel_id));
        await expectOpen(page, incident);
    });
}

for (const isActive of [true, false]) {
    test(`an ${isActive ? 'ongoing' : 'ended'} incident made after the page was loaded opens from the channel list`, inBothFrames, async ({page, anna, workspace}) => {
        await open(page, channelPath(workspace.team, 'town-square'));
        const incident = await workspace.incident(anna);
        if (!isActive) {
            await endIncident(anna, incident);
        }
        await goTo(page, (await channelOf(anna, incident)).name);
        await expectOpen(page, incident);
    });
}

for (const isActive of [true, false]) {
    test(`an ${isActive ? 'ongoing' : 'ended'} incident made before the page was loaded opens from the channel list`, inBothFrames, async ({page, anna, workspace}) => {
        const incident = await workspace.incident(anna);
        if (!isActive) {
            await endIncident(anna, incident);
        }
        await open(page, channelPath(workspace.team, 'town-square'));
        await goTo(page, (await channelOf(anna, incident)).name);
        await expectOpen(page, incident);
    });
}

test('who starts an incident lands in its channel', inBothFrames, async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna);
    const name = `Landing ${unique()}`;
    await open(page, channelPath(workspace.team, 'town-square'));
    await startBySlash(page, {playbook: playbook.title, name});
    await expect(page).toHaveURL(new RegExp(`/${workspace.team.name}/channels/${name.toLowerCase().replace(' ', '-')}$`));
    await expectOpen(page, {name});
});

test('the button in the header opens the list and closes it', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, 'town-square'));
    await headerIcon(page).click();
    await expect(rhs(page).getByText(incident.name)).toBeVisible();
    await expect(page.getByTestId('back-button')).toBeHidden();
    await expect(markedIcon(page)).toBeVisible();
    await headerIcon(page).click();
    await expect(rhs(page)).toBeHidden();
    await expect(markedIcon(page)).toHaveCount(0);
});

test('narrow screens are not covered by the sidebar', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await page.setViewportSize({width: 600, height: 800});
    const known = page.waitForResponse((response) => response.url().includes('/incidents/channels'));
    await open(page, channelPath(workspace.team, incident.channel_id));
    await known;
    await expect(page.getByTestId('post_textbox')).toBeVisible();
    await expect(rhs(page)).toBeHidden();
    const button = page.locator('#navbar').getByRole('button', {name: 'Incidents'});
    await expect(button.locator('svg')).toHaveCSS('color', await themeColour(page, '--sidebar-header-text-color'));
    await button.click();
    await expectOpen(page, incident);
});
