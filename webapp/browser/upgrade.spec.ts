import {channelPath, forgetEvents, holdSocket, open} from './harness/page';
import {footer, openMainMenu, rhs, rhsTitle, tasks} from './harness/screen';
import {pluginId} from './harness/settings';
import {expect, inBothFrames, test} from './harness/test';
import {setTask, stages} from './harness/workspace';

interface Manifest {
    id: string;
    version: string;
    webapp: {bundle_path: string};
}

const NEXT = '_next.js';

test('a page that was offline during an upgrade goes on with the new version alone', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    const socket = await holdSocket(page);
    let upgraded = false;
    await forgetEvents(page);
    await page.route(/\/api\/v4\/plugins\/webapp$/, async (route) => {
        const response = await route.fetch();
        const manifests = await response.json() as Manifest[];
        await route.fulfill({response, json: manifests.map((one) => (upgraded && one.id === pluginId ?
            {...one, version: '99.0.0', webapp: {bundle_path: one.webapp.bundle_path.replace(/\.js$/, NEXT)}} :
            one))});
    });

    // The next version differs in its name and in one text, which is in the part that the former has loaded already.
    await page.route((url) => upgraded && url.pathname.includes(pluginId) && url.pathname.endsWith('.js'), async (route) => {
        const response = await route.fetch({url: route.request().url().replace(NEXT, '.js')});
        const body = (await response.text()).replace(/(webpackChunkcom_mattermost_plugin_incident_management_)[0-9a-f]+/g, '$1next').
            replace('"Update Status"', '"Tell the News"');
        await route.fulfill({response, body});
    });

    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(footer(page)).toContainText('Update Status');
    await socket.cut();
    await expect(page.getByText('The connection to the server is lost.')).toBeVisible();
    upgraded = true;
    socket.mend();

    await expect(footer(page)).toContainText('Tell the News');
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('tasks').click();
    await setTask(anna, incident, 0, 0);
    await expect(tasks(page, 'First task one').locator('.checkbox')).toBeChecked();

    // The former version no longer follows the width.
    await page.setViewportSize({width: 700, height: 900});
    await page.waitForTimeout(500);
    await page.setViewportSize({width: 1440, height: 900});
    await page.waitForTimeout(500);
    await expect((await openMainMenu(page)).getByText('Playbooks & Incidents')).toHaveCount(1);
    await expect(rhs(page)).toBeVisible();
});
