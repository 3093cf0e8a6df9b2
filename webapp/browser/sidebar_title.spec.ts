import {channelPath, open} from './harness/page';
import {unique} from './harness/person';
import {rhs, rhsTitle} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {endIncident} from './harness/workspace';

test('the title says that the incident is ongoing', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(page.locator('.sidebar--right__title')).toContainText('Ongoing');
});

test('the title says that the incident has ended', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await endIncident(anna, incident);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(page.locator('.sidebar--right__title')).toContainText('Ended');
});

test('a long name leaves room for the status and the buttons', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna, {name: `${unique()} with a very long name that does not fit at all`.padEnd(64, 'm').slice(0, 64)});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    const title = page.locator('.sidebar--right__title');
    const badge = await title.getByText('Ongoing').boundingBox();
    const close = await page.locator('#searchResultsCloseButton').boundingBox();
    const sidebar = await rhs(page).boundingBox();
    if (!badge || !close || !sidebar) {
        throw new Error('badge, button and sidebar have to be visible');
    }
    expect(badge.x).toBeGreaterThan(sidebar.x);
    expect(badge.x + badge.width).toBeLessThanOrEqual(close.x);
    expect(close.x + close.width).toBeLessThanOrEqual(sidebar.x + sidebar.width);
    // Cut in one line, not wrapped.
    expect((await rhsTitle(page).boundingBox())?.height).toBeLessThan(40);
});
