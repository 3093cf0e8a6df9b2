// What depends on the web client around the plugin; each frame stands for one.
import type {Page} from '@playwright/test';

import {axe, expectPressable, screenshot, setTheme} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import type {Person} from './harness/person';
import {goTo, headerIcon, rhs, rhsTitle} from './harness/screen';
import {baseURL, byFrame, frame, pluginId} from './harness/settings';
import {expect, inBothFrames, test} from './harness/test';
import {channelOf} from './harness/workspace';
import type {Workspace} from './harness/workspace';

/** Lets the server's configuration have a banner for everybody. */
async function announce(page: Page): Promise<void> {
    await page.route(/\/api\/v4\/config\/client/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({response, json: {...await response.json(), EnableBanner: 'true', BannerText: 'Maintenance at noon'}});
    });
}

/** Presses everything at the top of each full page, as far as it leads nowhere. */
async function expectTopsPressable(page: Page, anna: Person, workspace: Workspace): Promise<void> {
    const playbook = await workspace.playbook(anna);
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    for (const list of ['/playbooks', '/incidents']) {
        await open(page, backstage(workspace.team, list));
        for (const id of ['playbooksLHSButton', 'incidentsLHSButton']) {
            await expectPressable(page.getByTestId(id));
        }
        await expectPressable(page.getByRole('button', {name: 'Back to Mattermost'}));
        await expect(page.getByRole('heading', {level: 1}).or(page.getByRole('heading', {level: 2})).first()).toBeVisible();
    }
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    for (const name of ['icon-arrow-left', 'save_playbook']) {
        await expectPressable(page.getByTestId(name));
    }
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expectPressable(page.getByTestId('icon-arrow-left'));
}

test('the controls at the top of the full pages can be pressed', inBothFrames, async ({page, anna, workspace}) => {
    await expectTopsPressable(page, anna, workspace);
});

test('the controls at the top can be pressed under an announcement, which stays on the screen', inBothFrames, async ({page, anna, workspace}) => {
    await announce(page);
    await expectTopsPressable(page, anna, workspace);
    const bar = page.getByText('Maintenance at noon');
    await expectPressable(bar);
    for (const theme of ['light', 'dark'] as const) {
        await setTheme(anna, theme);
        await screenshot(page, 'frame-announcement', theme);
    }
});

test('the controls at the top can be pressed on narrow screens', inBothFrames, async ({visits, anna, workspace}) => {
    const page = await visits.page(anna, {viewport: {width: 700, height: 900}});
    await expectTopsPressable(page, anna, workspace);
    for (const [name, path] of [['playbooks', '/playbooks'], ['incidents', '/incidents']] as const) {
        await open(page, backstage(workspace.team, path));
        await expect(page.getByTestId(`${name}LHSButton`)).toBeVisible();
        for (const theme of ['light', 'dark'] as const) {
            await setTheme(anna, theme);
            await screenshot(page, `frame-narrow-${name}`, theme);
        }
    }
});

test('the button of the plugin has contrast in both themes', inBothFrames, async ({page, anna, workspace}) => {
    await open(page, channelPath(workspace.team, 'town-square'));
    for (const theme of ['light', 'dark'] as const) {
        await setTheme(anna, theme);
        await screenshot(page, 'frame-channel', theme);
        await expect.poll(() => headerIcon(page).evaluate(async (element) => {
            const light = ([r = 0, g = 0, b = 0]: number[]) => [r, g, b].
                map((value) => value / 255).
                map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)).
                reduce((sum, value, index) => sum + (value * ([0.2126, 0.7152, 0.0722][index] ?? 0)), 0);
            const contrast = (all: number[]) => (Math.max(...all) + 0.05) / (Math.min(...all) + 0.05);
            const numbers = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
            const picture = element.querySelector('img');
            if (!picture) {
                const [r, g, b, alpha = 1] = numbers(getComputedStyle(element).color);
                const ground = numbers(getComputedStyle(document.body).backgroundColor);
                return contrast([light([r, g, b].map((value, index) => ((value ?? 0) * alpha) + ((ground[index] ?? 0) * (1 - alpha)))), light(ground)]);
            }
            await picture.decode();
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [24, 24];
            const context = canvas.getContext('2d');
            context?.drawImage(picture, 0, 0, 24, 24);
            const data = context?.getImageData(0, 0, 24, 24).data ?? [];
            return contrast(Array.from({length: 24 * 24}, (_, at) => light([...data.slice(at * 4, (at * 4) + 3)])));
        })).toBeGreaterThan(3);
        await axe(page);
    }
});

test('the message box keeps the focus when an incident’s channel is entered', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const channel = await channelOf(anna, incident);
    await open(page, channelPath(workspace.team, 'town-square'));
    await page.locator(`#sidebarItem_${channel.name}`).focus();
    await page.keyboard.press('Enter');
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(rhs(page).locator('#incidentRHSFooter')).toBeVisible();
    await page.waitForTimeout(1000);
    await expect(page.getByTestId('post_textbox')).toBeFocused();
    await page.keyboard.type('Hello');
    await expect(page.getByTestId('post_textbox')).toHaveValue('Hello');
    await expect(page.locator('.a11y--focused')).toHaveCount(0);
});

test('the sidebar that was asked for has the focus where the client gives it', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.locator('#searchResultsCloseButton').click();
    await page.getByTestId('post_textbox').fill('/incident info');
    await page.keyboard.press('Enter');
    await expect(rhsTitle(page)).toHaveText(incident.name);
    if (frame === '2026') {
        const back = page.getByTestId('back-button');
        await expect(back).toBeFocused();
        await expect(back).toHaveClass(/a11y--focused/);
        // The ring lies up to 4 px around the button and must not be cut by what surrounds it.
        expect(await back.evaluate((element) => {
            const ring = element.getBoundingClientRect();
            for (let around = element.parentElement; around && around.id !== 'rhsContainer'; around = around.parentElement) {
                const box = around.getBoundingClientRect();
                if (getComputedStyle(around).overflow !== 'visible' && (ring.top - 4 < box.top || ring.bottom + 4 > box.bottom || ring.left - 4 < box.left)) {
                    return around.className;
                }
            }
            return '';
        }), 'what cuts the ring').toBe('');
        await screenshot(page, 'frame-focus-ring', 'light');
    }
});

test('a press on the icon shows the sidebar beside a full page', inBothFrames, async ({page, workspace}) => {
    test.skip(frame === '2021', 'has no button on full pages');
    await open(page, channelPath(workspace.team, 'town-square'));
    await expect(headerIcon(page)).toBeVisible();
    await page.evaluate(([team, plugin]) => {
        (window as unknown as {WebappUtils: {browserHistory: {push: (path: string) => void}}}).WebappUtils.browserHistory.push(`/${team}/${plugin}/playbooks`);
    }, [workspace.team.name, pluginId]);
    await expect(page.getByTestId('playbooksLHSButton')).toBeVisible();
    await headerIcon(page).click();
    await expect(rhs(page)).toBeVisible();
    await page.mouse.move(600, 400); // the icon's tooltip lies over the sidebar's close button
    await expect(page.locator('.tooltip-inner')).toHaveCount(0);
    await expectPressable(page.getByRole('button', {name: 'Back to Mattermost'}));
    await expectPressable(page.locator('#searchResultsCloseButton'));
    await axe(page);
    await screenshot(page, 'frame-page-and-sidebar', 'light');
});

test('what the client renders in our texts stays in its language', inBothFrames, async ({page, anna, boris, workspace}) => {
    test.skip(frame === '2021', 'renders no text of its own there');
    await anna.host('PUT', '/users/me/patch', {locale: 'de'});
    const incident = await workspace.incident(anna, {description: `Ask @${boris.username}.`});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await rhs(page).locator(`[data-mention="${boris.username}"]`).click();
    await expect(rhs(page).locator('.user-profile-popover')).toHaveText('Nachricht');
});

test('the sidebar works in a window of its own, whose ways lead on in the first window', inBothFrames, async ({page, anna, workspace}) => {
    test.skip(frame === '2021', 'has no such windows');
    const incident = await workspace.incident(anna);
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    const opening = page.context().waitForEvent('page');
    await page.getByRole('button', {name: 'Open in new window'}).click();
    const popout = await opening;
    await expect(rhsTitle(popout)).toHaveText(incident.name);
    await popout.getByTestId('tasks').click();
    await expect(popout.getByTestId('tasks')).toHaveAttribute('aria-selected', 'true');
    await axe(popout);
    await popout.getByTestId('back-button').click();
    await popout.getByRole('link', {name: 'Click here'}).click();
    await expect(page).toHaveURL(baseURL + backstage(workspace.team, '/incidents'));
    await expect(popout.getByRole('link', {name: 'Click here'})).toBeVisible();
});

test('everything that is asked of the server is below the site’s path', inBothFrames, async ({page, anna, workspace}) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const playbook = await workspace.playbook(anna);
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('tasks').click();
    await goTo(page, 'town-square');
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page.getByRole('heading', {name: incident.name})).toBeVisible();
    const outside = asked.filter((url) => url.startsWith('http') && url !== baseURL && !url.startsWith(`${baseURL}/`));
    expect(outside).toEqual([]);
    expect(await page.evaluate(() => window.basename)).toBe(byFrame({'2021': '', '2026': new URL(baseURL).pathname.replace(/\/$/, '')}));
});
