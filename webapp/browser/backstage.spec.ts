import {allowErrors, backstage, channelPath, open} from './harness/page';
import {chooseFromMainMenu} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {inspect} from './harness/checks';
import {Workspace} from './harness/workspace';

const NOWHERE = 'abcdefghijklmnopqrstuvwxyz';

test('the main menu leads to the playbooks', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await open(page, channelPath(workspace.team, 'town-square'));
    await chooseFromMainMenu(page, 'Playbooks & Incidents');
    await expect(page).toHaveURL(new RegExp(`${backstage(workspace.team, '/playbooks')}$`));
    await expect(page.getByTestId('titlePlaybook')).toContainText('Playbooks');
});

test('the bar switches between playbooks and incidents, and leaves to the last channel', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await workspace.incident(anna);
    const channel = await workspace.channel('O', anna);
    await open(page, channelPath(workspace.team, channel));
    await chooseFromMainMenu(page, 'Playbooks & Incidents');
    await page.getByTestId('incidentsLHSButton').click();
    await expect(page.getByTestId('titleIncident')).toContainText('Incidents');
    await expect(page.getByTestId('incidentsLHSButton')).toHaveAttribute('aria-current', 'page');
    await page.getByTestId('playbooksLHSButton').click();
    await expect(page.getByTestId('titlePlaybook')).toContainText('Playbooks');
    await page.locator('.close-icon').click();
    await expect(page).toHaveURL(new RegExp(`${channelPath(workspace.team, channel)}$`));
});

test('a trailing slash does not take the bar away', inBothFrames, async ({page, workspace}) => {
    for (const path of ['/playbooks/', '/incidents/']) {
        await open(page, backstage(workspace.team, path));
        await expect(page.getByTestId('playbooksLHSButton')).toBeVisible();
        await expect(page.getByTestId('incidentsLHSButton')).toBeVisible();
    }
});

for (const [kind, heading] of [['playbooks', 'Playbook not found'], ['incidents', 'Incident not found']] as const) {
    test(`an unknown id under ${kind} leads to the error page`, inBothFrames, async ({page, anna, workspace}) => {
        allowErrors(page, /status of 40[34]/);
        await open(page, backstage(workspace.team, `/${kind}/${NOWHERE}`));
        await expect(page).toHaveURL(new RegExp(`${backstage(workspace.team, '/error')}\\?type=${kind}$`));
        await expect(page.getByRole('heading', {name: heading})).toBeVisible();
        await expect(page.locator('#warningIcon')).toBeVisible();
        await inspect(page, anna, `error-${kind}`);
        await page.getByRole('link', {name: `Back to the ${kind}`}).click();
        await expect(page).toHaveURL(new RegExp(`${backstage(workspace.team, `/${kind}`)}$`));
    });
}

test('an unknown page leads to the error page, and leaving it gives the body its classes back', inBothFrames, async ({page, anna, workspace}) => {
    await open(page, channelPath(workspace.team, 'town-square'));
    const before = await page.locator('body').getAttribute('class');
    for (const path of ['', '/', '/nothing', '/error?type=nonsense']) {
        await open(page, backstage(workspace.team, path));
        await expect(page).toHaveURL(/\/error\?type=/);
        await expect(page.getByRole('heading', {name: 'Page not found'})).toBeVisible();
    }
    await inspect(page, anna, 'error-default');
    await page.getByRole('link', {name: 'Back to Mattermost'}).click();
    await expect(page.locator('#channel-header')).toBeVisible();
    expect(await page.locator('body').getAttribute('class')).toBe(before);
});

test('a private playbook and a private incident look like missing ones', inBothFrames, async ({page, anna, boris, borisPage, workspace}) => {
    allowErrors(borisPage, /status of 40[34]/);
    const playbook = await workspace.playbook(anna, {create_public_incident: false});
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await open(borisPage, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await expect(borisPage).toHaveURL(/\/error\?type=playbooks$/);
    await open(borisPage, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(borisPage).toHaveURL(/\/error\?type=incidents$/);
    await workspace.invite(anna, incident, boris);
    await open(borisPage, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(borisPage.getByTestId('incident-title')).toContainText(incident.name);
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await expect(page.locator('#playbook-name')).toContainText(playbook.title);
});

test('what belongs to another team is shown under that team', inBothFrames, async ({page, anna, workspace}) => {
    const other = await Workspace.create(anna);
    const playbook = await other.playbook(anna);
    const incident = await other.incident(anna);
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await expect(page).toHaveURL(new RegExp(backstage(other.team, `/playbooks/${playbook.id}`)));
    await expect(page.locator('#playbook-name')).toContainText(playbook.title);
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page).toHaveURL(new RegExp(backstage(other.team, `/incidents/${incident.id}`)));
});

test('pages speak the language of the user, with their clock and zone', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await anna.host('PUT', '/users/me/patch', {locale: 'de', timezone: {useAutomaticTimezone: 'false', manualTimezone: 'Asia/Tokyo', automaticTimezone: ''}});
    await anna.host('PUT', `/users/${anna.id}/preferences`, [{user_id: anna.id, category: 'display_settings', name: 'use_military_time', value: 'true'}]);
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByTestId('titleIncident')).toContainText('Vorfälle');
    const expected = await page.evaluate((at) => new Intl.DateTimeFormat('de', {hour: 'numeric', minute: '2-digit', hour12: false, timeZone: 'Asia/Tokyo'}).format(at), incident.create_at);
    await expect(page.locator('.incident-item')).toContainText(expected);
});
