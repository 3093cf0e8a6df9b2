import {mkdirSync, readFileSync} from 'fs';
import path from 'path';

import type {Locator, Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {expectNoSideways, inspect, setTheme} from './harness/checks';
import {allowErrors, backstage, open} from './harness/page';
import type {Person} from './harness/person';
import {frame} from './harness/settings';
import {expect, test} from './harness/test';
import {themes} from './harness/themes';
import {endIncident, postsOf, setTask, stages, updateStatus, Workspace} from './harness/workspace';

interface Document {
    state: string;
    revision: number;
    sections: Array<{key: string; origin: string; text: string; revision: number}>;
}

const read = (by: Person, {id}: Incident) => by.plugin<Document>('GET', `/incidents/${id}/retrospective`);
const sectionOf = async (by: Person, incident: Incident, key: string) => (await read(by, incident)).sections.find((section) => section.key === key);
const write = async (by: Person, incident: Incident, key: string, text: string) =>
    by.plugin('PATCH', `/incidents/${incident.id}/retrospective/sections/${key}`, {text});

/** An incident that has ended, with something to tell. */
async function endedIncident(workspace: Workspace, anna: Person, boris?: Person): Promise<Incident> {
    const incident = await workspace.staged(anna, stages(2), {name: 'Checkout is down', description: 'All **carts** fail since the release.'});
    if (boris) {
        await workspace.invite(anna, incident, boris);
    }
    await setTask(anna, incident, 0, 0);
    await updateStatus(anna, incident, 'We look into it.');
    await setTask(boris ?? anna, incident, 0, 1);
    await endIncident(anna, incident);
    return incident;
}

const retrospective = (page: Page): Locator => page.getByTestId('retrospective');
const section = (page: Page, key: string): Locator => page.getByTestId(`retrospective-${key}`);
const state = (page: Page): Locator => retrospective(page).getByTestId('retrospective-state');
const saved = (page: Page): Locator => page.getByTestId('retrospective-saved');
const field = (page: Page, key: string): Locator => section(page, key).getByRole('textbox');

async function openPage(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await open(page, backstage(workspace.team, `/incidents/${incident.id}#retrospective`));
    await expect(state(page)).toBeVisible();
}

async function edit(page: Page, key: string): Promise<void> {
    await section(page, key).getByRole('button', {name: /^Edit: / }).click();
    await expect(field(page, key)).toBeFocused();
}

/** Presses Tab until the control has the focus. */
async function tabTo(page: Page, control: Locator): Promise<void> {
    for (let presses = 0; presses < 200; presses++) {
        if (await control.evaluate((element) => element === document.activeElement)) {
            return;
        }
        await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${control}`);
}

test('the draft writes itself, is edited, published and reopened with the keyboard alone', async ({page, anna, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    await openPage(page, workspace, incident);
    await expect(state(page)).toHaveText('Automatic Draft');
    await expect(section(page, 'summary')).toContainText('Generated');
    await expect(section(page, 'summary')).toContainText(anna.username);
    await expect(retrospective(page)).toBeInViewport();
    await inspect(page, anna, 'retrospective-draft', '[data-testid=retrospective]');

    await tabTo(page, section(page, 'causes').getByRole('button', {name: 'Edit: Contributing causes'}));
    await page.keyboard.press('Enter');
    await expect(field(page, 'causes')).toBeFocused();
    await page.keyboard.type('The **index** was missing.');
    await expect(saved(page)).toHaveText('Everything is saved.');
    expect(await sectionOf(anna, incident, 'causes')).toMatchObject({origin: 'edited', text: 'The **index** was missing.'});
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await expect(section(page, 'causes').getByTestId('retrospective-preview').locator('strong')).toHaveText('index');
    await inspect(page, anna, 'retrospective-preview', '[data-testid=retrospective]');
    await tabTo(page, section(page, 'causes').getByRole('button', {name: 'Done'}));
    await page.keyboard.press('Enter');
    await expect(section(page, 'causes').getByRole('button', {name: /^Edit: /})).toBeFocused();
    await expect(section(page, 'causes')).toContainText('Edited by');
    await expect(state(page)).toHaveText('Draft');

    await tabTo(page, retrospective(page).getByRole('button', {name: 'Publish'}));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('posted in the channel of the incident');
    await inspect(page, anna, 'retrospective-publish', '[role=dialog]');
    await expect(dialog.getByRole('button', {name: 'Cancel'})).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(state(page)).toHaveText('Published');
    expect(await read(anna, incident)).toMatchObject({state: 'published'});
    await expect.poll(async () => (await postsOf(anna, incident.channel_id)).some(({message}) => message.includes(`/incidents/${incident.id}`))).toBe(true);
    await expect(section(page, 'causes').getByRole('button')).toHaveCount(0);

    await tabTo(page, retrospective(page).getByRole('button', {name: 'Reopen'}));
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect(state(page)).toHaveText('Draft');
    await expect(section(page, 'causes').getByRole('button', {name: /^Edit: /})).toBeVisible();
});

test('the sources of a sentence lead to what it was made from', async ({page, anna, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    await openPage(page, workspace, incident);
    const mark = section(page, 'summary').getByRole('link', {name: 'Sources of sentence 1'});
    await mark.focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', {name: 'What this sentence is made from'});
    await expect(panel).toContainText('The incident was started');
    await inspect(page, anna, 'retrospective-sources', '[data-testid=retrospective]');
    await page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
    await expect(mark).toBeFocused();
});

test('two people write at once, and nothing of either is lost', async ({page, borisPage, anna, boris, workspace}) => {
    const incident = await endedIncident(workspace, anna, boris);
    [page, borisPage].forEach((one) => allowErrors(one, /status of 409/));
    await openPage(page, workspace, incident);
    await openPage(borisPage, workspace, incident);

    // In two sections they do not meet.
    await edit(page, 'causes');
    await field(page, 'causes').fill('The cable.');
    await edit(borisPage, 'impact');
    await field(borisPage, 'impact').fill('Everybody.');
    await expect(saved(page)).toHaveText('Everything is saved.');
    await expect(saved(borisPage)).toHaveText('Everything is saved.');
    await expect(section(page, 'impact')).toContainText('Everybody.');
    await section(borisPage, 'impact').getByRole('button', {name: 'Done'}).click();
    await expect(section(borisPage, 'causes')).toContainText('The cable.');

    // In the same one, Anna is without the connection for a while.
    await page.route(/retrospective\/sections/, (route) => route.abort());
    allowErrors(page, /ERR_FAILED/);
    await field(page, 'causes').fill('The cable, says Anna.');
    await expect(saved(page)).toContainText('kept in this browser');
    await write(boris, incident, 'causes', 'The switch, says Boris.');
    await page.unroute(/retrospective\/sections/);
    await expect(page.getByTestId('retrospective-conflict')).toContainText('The switch, says Boris.');
    await expect(field(page, 'causes')).toHaveValue('The cable, says Anna.');
    await inspect(page, anna, 'retrospective-conflict', '[data-testid=retrospective]');
    await page.getByRole('button', {name: 'Take Theirs, Put Mine Aside'}).click();
    await expect(field(page, 'causes')).toHaveValue('The switch, says Boris.');
    await page.getByRole('button', {name: 'Add It Below'}).click();
    await expect.poll(async () => (await sectionOf(anna, incident, 'causes'))?.text).toBe('The switch, says Boris.\n\nThe cable, says Anna.');
});

test('what is typed survives closing the tab', async ({page, visits, anna, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    await openPage(page, workspace, incident);
    await edit(page, 'causes');
    const context = page.context();
    allowErrors(page, /ERR_INTERNET_DISCONNECTED|WebSocket/);
    const again = await visits.tab(context);
    await context.setOffline(true);
    await page.keyboard.type('Not to be lost.');
    await expect(saved(page)).toContainText('kept in this browser');
    await page.close();
    await context.setOffline(false);
    await open(again, backstage(workspace.team, `/incidents/${incident.id}`));

    // It is in the editor again, or was saved after all when the tab was closed.
    const editor = field(again, 'causes');
    await expect.poll(async () => (await editor.count() ? editor.inputValue() : section(again, 'causes').textContent())).toContain('Not to be lost.');
    await expect.poll(async () => (await sectionOf(anna, incident, 'causes'))?.text).toBe('Not to be lost.');
});

test('an edited section is generated again only when asked, and others are not touched', async ({page, anna, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    await write(anna, incident, 'summary', 'In my own words.');
    await write(anna, incident, 'causes', 'The cable.');
    await openPage(page, workspace, incident);
    await retrospective(page).getByRole('button', {name: 'More actions of the retrospective'}).click();
    await page.getByTestId('retrospective-again').click();
    await expect(section(page, 'summary')).toContainText('In my own words.');
    await section(page, 'summary').getByRole('button', {name: 'Generate again: Summary'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Generate Again'}).click();
    await expect(section(page, 'summary')).toContainText('Generated');
    await expect(section(page, 'summary')).toContainText(anna.username);
    await expect(section(page, 'causes')).toContainText('The cable.');
});

test('it takes little room while the incident goes on', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await page.getByRole('button', {name: 'Show the draft'}).click();
    await expect(section(page, 'summary')).toContainText(anna.username);
    await expect(retrospective(page).getByRole('button', {name: 'Publish'})).toHaveCount(0);
    await inspect(page, anna, 'retrospective-early', '[data-testid=retrospective]');
});

test('who may only read it has no controls', async ({borisPage, anna, boris, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    await openPage(borisPage, workspace, incident);
    await expect(section(borisPage, 'summary')).toContainText(anna.username);
    await expect(retrospective(borisPage).getByRole('button', {name: /^(Edit|Publish|Generate)/})).toHaveCount(0);
    await inspect(borisPage, boris, 'retrospective-reader', '[data-testid=retrospective]');
});

test('on paper it is alone, black on white, in either theme', async ({page, anna, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    const heads = Array.from({length: 16}, (_, n) => `Component${n + 1}`);
    const german = ['Verantwortliche', 'Bereitstellung', 'Umgebung', 'Fehlerhäufigkeit', 'Benachrichtigung', 'Wiederherstellung', 'Antwortzeit', 'Zuständigkeit'];
    await write(anna, incident, 'impact', [heads, german].flatMap((row) => [`| ${row.join(' | ')} |`, `|${' --- |'.repeat(row.length)}`, `| ${row.join(' | ')} |`, '']).join('\n'));
    await write(anna, incident, 'causes', ['The **index** was missing.', '', '| cause | since |', '| --- | --- |', '| index | release 14 |', '', '```', 'SELECT 1', '```', '', '> Nobody had looked.',
        '', ...Array.from({length: 40}, (_, n) => `- Detail number ${n + 1}, which is a little longer than a line of a narrow column`)].join('\n'));
    await open(page, backstage(workspace.team, `/incidents/${incident.id}/retrospective`));
    await expect(page.getByRole('heading', {level: 1})).toHaveText('Checkout is down');
    await inspect(page, anna, 'retrospective-page');
    const folder = path.resolve(__dirname, '..', '..', 'dist', 'browser', 'print', frame);
    mkdirSync(folder, {recursive: true});
    for (const theme of ['light', 'dark'] as const) {
        await setTheme(anna, theme);
        await expect(page.locator('html')).toHaveCSS('--center-channel-bg', themes[theme].centerChannelBg);
        await page.emulateMedia({media: 'print'});
        const sheet = page.getByTestId('retrospective-sheet');
        await expect(sheet).toBeVisible();
        expect(await page.evaluate(() => [...document.body.children].filter((element) => element.getBoundingClientRect().height > 0).length), 'what is printed').toBe(1);
        for (const text of ['Checkout is down', 'Contributing causes', 'index', 'SELECT 1', 'Nobody had looked.']) {
            await expect(sheet.getByText(text).first(), text).toHaveCSS('color', 'rgb(0, 0, 0)');
        }
        await expect(sheet).toHaveCSS('background-color', 'rgb(255, 255, 255)');
        await expect(sheet.locator('p').last(), 'long paragraphs leave no page half empty').toHaveCSS('break-inside', 'auto');
        await expect(page.locator('html'), 'what the margins are painted in').toHaveCSS('color-scheme', 'light');
        const file = path.join(folder, `retrospective-${theme}.pdf`);
        await page.pdf({path: file, preferCSSPageSize: true, format: 'A4', printBackground: true});
        const pages = readFileSync(file, 'latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
        expect(pages, 'pages of the PDF').toBeGreaterThan(1);
        await page.emulateMedia({media: null});
        await expect(sheet).toBeHidden();
    }
    // As wide as a page without its margins. What is beyond is not printed.
    await page.setViewportSize({width: 680, height: 900});
    await page.emulateMedia({media: 'print'});
    const tables = page.getByTestId('retrospective-sheet').locator('table');
    await expect(tables).toHaveCount(3);
    for (const table of await tables.all()) {
        expect(await table.evaluate((element) => Math.ceil(element.getBoundingClientRect().right))).toBeLessThanOrEqual(680);
    }
    await page.emulateMedia({media: null});
    await page.setViewportSize({width: 1440, height: 900});
    await page.getByRole('link', {name: 'Back to the incident'}).click();
    await expect(state(page)).toBeVisible();
    await page.emulateMedia({media: 'print'});
    await expect(page.getByTestId('incident-title')).toBeVisible();
});

test('on a narrow screen nothing of it is lost', async ({visits, anna, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    const page = await visits.page(anna, {viewport: {width: 320, height: 700}});
    await openPage(page, workspace, incident);
    await edit(page, 'causes');
    await page.keyboard.type('A'.repeat(120));
    await expectNoSideways(page);
    await inspect(page, anna, 'retrospective-narrow-editor', '[data-testid=retrospective]');
    await section(page, 'causes').getByRole('button', {name: 'Done'}).click();
    await section(page, 'summary').getByRole('link', {name: 'Sources of sentence 1'}).click();
    await expect(page.getByRole('dialog')).toBeInViewport({ratio: 0.99});
    await inspect(page, anna, 'retrospective-narrow', '[data-testid=retrospective]');
    await open(page, backstage(workspace.team, `/incidents/${incident.id}/retrospective`));
    await expect(page.getByRole('heading', {level: 1})).toBeVisible();
    await expectNoSideways(page);
    await inspect(page, anna, 'retrospective-narrow-page');
});

test('a playbook has a template of its own, which is saved with it', async ({page, anna, boris, workspace}) => {
    const playbook = await workspace.playbook(anna, {title: 'Outage', member_ids: [anna.id, boris.id]});
    const address = `/playbooks/${playbook.id}/retrospective`;
    allowErrors(page, /status of 409/);
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await page.getByRole('tab', {name: 'Retrospective'}).click();
    await expect(page.getByLabel('Heading of section 1')).toHaveValue('Summary');
    await inspect(page, anna, 'retrospective-template');
    await page.getByLabel('Heading of section 2').fill('Customers');
    await page.getByLabel('Questions, one to a line').nth(1).fill('Who was told?\nWhen?');
    await page.getByRole('button', {name: 'Move up: Customers'}).click();
    await page.getByLabel('Working days after the end of the incident').fill('5');
    await page.getByLabel('Also post the summary in the broadcast channel').check();
    await expect(page.getByText('This playbook has no broadcast channel')).toBeVisible();

    // Boris is quicker.
    await boris.plugin('PUT', address, {...await boris.plugin<object>('GET', address), due_working_days: 9});
    await page.getByTestId('save_playbook').click();
    await expect(page.getByRole('alert')).toContainText('Somebody else has changed the settings');
    await inspect(page, anna, 'retrospective-template-conflict');
    await page.getByRole('button', {name: 'Keep Mine'}).click();
    await page.getByTestId('save_playbook').click();
    await expect(page).toHaveURL(/\/playbooks$/);
    expect(await anna.plugin('GET', address)).toMatchObject({
        due_working_days: 5, broadcast: true, remind: true, sections: [{heading: 'Customers', questions: ['Who was told?', 'When?'], draft: 'impact'}, {key: 'summary'}, {key: 'what_happened'}, {}, {}, {}, {}],
    });
    const incident = await workspace.incident(anna, {playbook_id: playbook.id});
    await endIncident(anna, incident);
    await openPage(page, workspace, incident);
    await expect(retrospective(page).getByRole('heading', {level: 3}).first()).toHaveText('Customers');
});

test('a new playbook takes its template along', async ({page, anna, workspace}) => {
    await open(page, backstage(workspace.team, '/playbooks/new'));
    await page.getByRole('tab', {name: 'Retrospective'}).click();
    await page.getByLabel('Remind the commander when the retrospective is due').uncheck();
    await page.getByTestId('save_playbook').click();
    await expect(page).toHaveURL(/\/playbooks$/);
    const {items: [made]} = await anna.plugin<{items: Array<{id: string}>}>('GET', `/playbooks?team_id=${workspace.team.id}`);
    expect(await anna.plugin('GET', `/playbooks/${made?.id}/retrospective`)).toMatchObject({remind: false});
});

test('its standard texts are in the language of the user', async ({page, anna, workspace}) => {
    const incident = await endedIncident(workspace, anna);
    await anna.host('PUT', '/users/me/patch', {locale: 'de'});
    await openPage(page, workspace, incident);
    await expect(state(page)).toHaveText('Automatischer Entwurf');
    await expect(retrospective(page).getByRole('heading', {level: 3}).first()).toHaveText('Zusammenfassung');
    await inspect(page, anna, 'retrospective-german', '[data-testid=retrospective]');
});
