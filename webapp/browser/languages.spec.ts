import {axe, screenshot, setTheme} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {footer, headerIcon, rhs, rhsTitle} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {stages, updateStatus} from './harness/workspace';

test('texts are German for a user who reads German', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(2));
    await anna.host('PUT', '/users/me/patch', {locale: 'de'});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(page.getByTestId('summary')).toHaveText('Übersicht');
    await screenshot(page, 'rhs-german', 'light');
    await page.getByTestId('back-button').click();
    await expect(rhs(page)).not.toContainText('Start Incident');
});

test('English stands in, from left to right, for a language from right to left that has no translation', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(2));
    await anna.host('PUT', '/users/me/patch', {locale: 'ar'});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    await expect(footer(page).locator('button')).toHaveText('Next Stage');
    await expect(footer(page).locator('button')).toHaveCSS('direction', 'ltr');
});

// No translation from right to left exists yet, so the test mirrors the frame itself.
test('the sidebar can be mirrored', inBothFrames, async ({page, anna, workspace}) => {
    const mirror = () => rhs(page).evaluate((sidebar) => {
        sidebar.querySelectorAll('div[dir="ltr"]').forEach((element) => element.setAttribute('dir', 'rtl'));
    });
    const incident = await workspace.staged(anna, stages(2), {description: 'Payments fail'});
    await updateStatus(anna, incident, 'An update');
    await open(page, channelPath(workspace.team, incident.channel_id));
    await page.getByTestId('tasks').click();
    await expect(footer(page).locator('button')).toBeVisible();
    await mirror();
    await expect(footer(page).locator('button')).toHaveCSS('direction', 'rtl');
    const row = rhs(page).getByTestId('task').first();
    const box = await row.locator('.checkbox').boundingBox();
    const whole = await row.boundingBox();
    if (!box || !whole) {
        throw new Error('the first task has to be visible');
    }
    expect(box.x).toBeGreaterThan(whole.x + (whole.width / 2));
    await screenshot(page, 'rhs-rtl-tasks', 'light');
    await axe(page, '#rhsContainer');
    // Nothing sticks out of the sidebar.
    expect(await rhs(page).evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    await page.getByTestId('back-button').click();
    await expect(page.getByTestId('back-button')).toHaveCount(0);
    await mirror();
    await screenshot(page, 'rhs-rtl-list', 'light');
});

test('a German card names all its facts in one line each', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.incident(anna);
    await anna.host('PUT', '/users/me/patch', {locale: 'de'});
    await open(page, channelPath(workspace.team, 'town-square'));
    await headerIcon(page).click();
    const label = page.getByTestId('last-updated-label');
    await expect(label).toHaveText('Zuletzt aktualisiert:');
    expect((await label.boundingBox())?.height).toBeLessThan(30);
});

test('a theme of the user’s own is legible', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(2), {description: 'Payments fail'});
    await updateStatus(anna, incident, 'An [update](https://example.com)');
    await setTheme(anna, 'custom');
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhs(page).getByText('An update')).toBeVisible();
    await axe(page, '#rhsContainer');
    await screenshot(page, 'rhs-summary', 'custom');
    await page.getByTestId('tasks').click();
    await axe(page, '#rhsContainer');
    await screenshot(page, 'rhs-tasks', 'custom');
    await page.getByTestId('back-button').click();
    await expect(headerIcon(page)).toBeVisible();
    await axe(page, '#rhsContainer');
    await screenshot(page, 'rhs-list', 'custom');
});

test('what is offered and asked keeps a name from right to left apart from its own words', async ({page, anna, workspace}) => {
    await anna.host('PUT', '/users/me/patch', {first_name: 'מרגלית (צוות)', last_name: 'לוי'});
    const name = 'כותב (2)!';
    const playbook = await workspace.playbook(anna, {
        roles: [{key: 'a', name, description: '', default: {kind: 'none', user_id: ''}}],
        severity: {levels: [{key: 'S1', name, description: '', color: 'red', update_seconds: 0}], default: 'S1'},
    });
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await open(page, channelPath(workspace.team, incident.channel_id));
    await rhs(page).getByTitle(`\u2068${name}\u2069: choose who has it`).click();
    await expect(rhs(page).getByRole('option').getByText('מרגלית (צוות) לוי', {exact: true})).toHaveCSS('direction', 'rtl');
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByRole('tab', {name: 'Severity'}).click();
    await expect(page.getByRole('option', {name: 'S1'})).toHaveText(`S1 – \u2068${name}\u2069`);
});
