// The pictures of the guide and of the README. An ordinary run writes them to dist/browser/pictures and fails when a document shows
// one that is not there; `npm run pictures` writes them to docs/pictures.
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'fs';
import path from 'path';

import type {Locator, Page} from '@playwright/test';
import {decode, encode, toRGBA8} from 'upng-js';

import type {Incident} from 'src/types/incident';
import type {PlaybookRole} from 'src/types/roles';
import type {PlaybookSeverity} from 'src/types/severity';

import {setTheme} from './harness/checks';
import {backstage, channelPath, open} from './harness/page';
import {administrator, newPerson, Person} from './harness/person';
import {rhs, rhsTitle} from './harness/screen';
import {frame} from './harness/settings';
import {expect, test} from './harness/test';
import {themes} from './harness/themes';
import {endIncident, goToStage, readIncident, setTask, updateStatus, Workspace, writePost} from './harness/workspace';
import type {NewStage} from './harness/workspace';

const root = path.resolve(__dirname, '..', '..');
const kept = path.join(root, 'docs', 'pictures');
const folder = process.env.MM_PICTURES ? kept : path.join(root, 'dist', 'browser', 'pictures');

/** More would make the repository slow to fetch. */
const MAX_BYTES = 150_000;
const MINUTE = 60_000;

const outage: NewStage[] = [
    {title: 'Triage', items: [
        {title: 'Confirm the alert on the dashboard'},
        {title: 'Rate the severity', description: 'SEV-1: nobody can pay. SEV-2: some payments fail or are slow.'},
        {title: 'Start a call', command: '/call start'},
        {title: 'Tell the support team', assignment: {kind: 'role', role: 'communications'}},
    ]},
    {title: 'Mitigate', items: [
        {title: 'Compare with the last release'},
        {title: 'Roll back the payment service', command: '/deploy rollback payments'},
        {title: 'Scale the checkout workers to 12'},
        {title: 'Check that payments are fast again'},
    ]},
    {title: 'Resolve', items: [
        {title: 'Watch the error rate for 30 minutes'},
        {title: 'Publish the final status update', assignment: {kind: 'role', role: 'communications'}},
        {title: 'Plan the review'},
    ]},
];

const severity: PlaybookSeverity = {
    levels: [
        {key: 'SEV1', name: 'Critical', description: 'Customers cannot work, or data is lost or at risk.', color: 'red', update_seconds: 1800},
        {key: 'SEV2', name: 'High', description: 'An important part does not work, and there is no way around it.', color: 'orange', update_seconds: 3600},
        {key: 'SEV3', name: 'Medium', description: 'Something does not work for some customers.', color: 'yellow', update_seconds: 14_400},
    ],
    default: 'SEV3',
};

const roles: PlaybookRole[] = [
    {key: 'communications', name: 'Communications', description: 'Keeps customers and colleagues informed.', default: {kind: 'none', user_id: ''}},
    {key: 'operations', name: 'Operations', description: 'Finds the cause and mends it.', default: {kind: 'none', user_id: ''}},
    {key: 'scribe', name: 'Scribe', description: 'Writes down what is decided.', default: {kind: 'starter', user_id: ''}},
];

const others: Array<[title: string, stages: number, tasks: number]> = [
    ['Database failover', 4, 3], ['Expired certificate', 2, 3], ['Leaked credentials', 3, 4], ['Regional outage', 5, 4],
];

const plain = (stages: number, tasks: number): NewStage[] => Array.from({length: stages}, (_, n) => ({
    title: `Stage ${n + 1}`, items: Array.from({length: tasks}, (_unused, m) => ({title: `Task ${m + 1}`})),
}));

/** Incidents are as old as this when they are shown: the ones of the test have just been made. In minutes. */
const ages: Record<string, number> = {
    'Checkout is slow': 48, 'Search answers with errors': 170, 'Certificate of the status page': 1500, 'Leaked API token': 4400, 'Mail is delayed': 9100,
};

interface Happened {
    happened_at: number;
    recorded_at: number;
}

const isTimeline = (page: {items?: unknown}): page is {items: Happened[]} => Array.isArray(page.items) && (page.items as Partial<Happened>[])[0]?.happened_at !== undefined;

/** The entries of a timeline as if they had happened during the incident, not in the moment of the test; the newest is the first. */
const spread = (entries: Happened[]): Happened[] => entries.map((entry, index) => {
    const at = Date.now() - ((3 + (index * index)) * MINUTE / 2);
    return {...entry, happened_at: at, recorded_at: at};
});

function aged(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(aged);
    }
    const incident = value as Partial<Incident> & {items?: unknown};
    if (isTimeline(incident)) {
        return {...incident, items: spread(incident.items)};
    }
    if (incident.items) {
        return {...incident, items: aged(incident.items)};
    }
    const age = (ages[incident.name ?? ''] ?? 0) * MINUTE;
    if (!age) {
        return value;
    }
    const begin = Date.now() - age;
    let done = 0;
    const minutes = [2, 4, 7, 9, 18, 31];
    return {
        ...incident,
        create_at: begin,
        end_at: incident.end_at ? begin + (age / 9) : 0,
        checklists: incident.checklists?.map((stage) => ({...stage, items: stage.items.map((task) => (
            task.state === 'closed' ? {...task, state_modified: begin + ((minutes[done++] ?? 40) * MINUTE)} : task
        ))})),
    };
}

/** Gives somebody a name as people have them; one who has it still since a run that was stopped keeps it. */
async function rename({id}: Person, username: string): Promise<void> {
    await (await administrator()).host('PUT', `/users/${id}/patch`, {username}).catch(() => undefined);
}

/** Adds what is left to do after the incidents that have ended. */
async function followUps(anna: Person, workspace: Workspace, [first, second, third]: Person[]): Promise<void> {
    const {items} = await anna.plugin<{items: Incident[]}>('GET', `/incidents?team_id=${workspace.team.id}&per_page=50`);
    for (const [name, title, owner, days, link] of [
        ['Leaked API token', 'Let tokens of the build expire after 90 days', second, -2, 'https://tracker.example.com/SEC-41'],
        ['Certificate of the status page', 'Alert three weeks before a certificate ends', third, 4, 'https://tracker.example.com/OPS-310'],
        ['Mail is delayed', 'Move the queue to its own disk', first, 11, ''],
        ['Leaked API token', 'Teach how to report a leak', first, 18, ''],
        ['Certificate of the status page', 'Write down who may renew it', undefined, 0, ''],
    ] as const) {
        const incident = items.find((one) => one.name === name);
        if (incident && owner) {
            await anna.host('POST', `/channels/${incident.channel_id}/members`, {user_id: owner.id});
        }
        await anna.plugin('POST', `/incidents/${incident?.id}/followups`, {title, owner_id: owner?.id ?? '', due_at: days ? Date.now() + (days * 24 * 60 * MINUTE) : 0, link});
    }
}

/** Makes a day at work: incidents of different age, and one in the middle of it. */
async function dayAtWork(anna: Person, workspace: Workspace) {
    await (await administrator()).host('PUT', `/teams/${workspace.team.id}/patch`, {display_name: 'Operations'});
    const [boris, clara] = [await newPerson('Boris', 'Lund'), await newPerson('Clara', 'Ortiz')];
    await workspace.join(boris, clara);
    for (const {id, host} of [anna, boris, clara].map((person) => ({id: person.id, host: person.host.bind(person)}))) {
        await host('PUT', `/users/${id}/preferences`, [{user_id: id, category: 'display_settings', name: 'name_format', value: 'full_name'}]);
    }
    for (const person of [anna, boris, clara]) {
        await rename(person, person.fullName.toLowerCase().replace(' ', '.'));
    }
    const playbook = await workspace.playbook(anna, {
        title: 'Service outage', checklists: outage, severity, roles, channel: {archive_after_days: 14}, member_ids: [anna.id, boris.id, clara.id], reminder_timer_default_seconds: 1800,
    });
    for (const [title, stages, tasks] of others) {
        await workspace.playbook(anna, {title, checklists: plain(stages, tasks)});
    }
    for (const [name, by, level] of [
        ['Mail is delayed', clara, 'SEV3'], ['Leaked API token', boris, 'SEV1'], ['Certificate of the status page', clara, 'SEV2'], ['Search answers with errors', boris, 'SEV2'],
    ] as const) {
        const incident = await workspace.incident(anna, {name, playbook_id: playbook.id});
        await anna.plugin('PUT', `/incidents/${incident.id}/severity`, {severity: level});
        await workspace.invite(anna, incident, by);
        await anna.plugin('POST', `/incidents/${incident.id}/commander`, {commander_id: by.id});
        if (name !== 'Search answers with errors') {
            await endIncident(anna, incident);
        }
    }
    await followUps(anna, workspace, [anna, boris, clara]);
    const incident = await workspace.incident(anna, {
        name: 'Checkout is slow', playbook_id: playbook.id,
        description: 'Payments take **20 seconds** or more since the release of 14:05. About a third of the customers give up.',
    });
    await workspace.invite(anna, incident, boris);
    await workspace.invite(anna, incident, clara);
    await anna.plugin('PUT', `/incidents/${incident.id}/roles/communications`, {user_id: clara.id});
    await anna.plugin('PUT', `/incidents/${incident.id}/roles/operations`, {user_id: boris.id});
    await anna.plugin('PUT', `/incidents/${incident.id}/severity`, {severity: 'SEV1', reason: 'A third of all payments fail.'});
    for (const [by, task] of [[anna, 0], [anna, 1], [boris, 2], [clara, 3]] as const) {
        await setTask(by, incident, 0, task);
    }
    await goToStage(anna, incident, 1);
    await setTask(boris, incident, 1, 0);
    await setTask(boris, incident, 1, 1, 'in_progress');
    for (const [person, task] of [[boris, 1], [clara, 2]] as const) {
        await anna.plugin('PUT', `/incidents/${incident.id}/checklists/1/item/${task}/assignee`, {assignee_id: person.id});
    }
    const found = await writePost(boris, incident.channel_id, 'The slow queries began with the release of 14:05. The new index is missing.');
    await anna.plugin('POST', `/incidents/${incident.id}/timeline`, {post_id: found.id, starred: true});
    await writePost(clara, incident.channel_id, 'Support has 14 tickets. I point them to the status page.');
    await updateStatus(anna, incident, 'Payments are slow since 14:05. We roll the payment service back; the next update comes in 30 minutes.');
    await anna.plugin('POST', `/incidents/${incident.id}/timeline`, {text: 'The payment provider called: they see timeouts from our side.'});
    await writePost(boris, incident.channel_id, 'The rollback has started, two of six servers are done.');
    return {playbook, incident: await readIncident(anna, incident), people: [anna, boris, clara], found};
}

/** An incident that has ended, and whose retrospective people have begun to write. */
async function lookedBackAt(anna: Person, workspace: Workspace, playbookId: string, people: Person[]): Promise<Incident> {
    const incident = await workspace.incident(anna, {name: 'Payments are declined', playbook_id: playbookId, description: 'The bank declines every third payment.'});
    const [, boris = anna, clara = anna] = people;
    await workspace.invite(anna, incident, boris);
    await workspace.invite(anna, incident, clara);
    for (const [by, task] of [[anna, 0], [boris, 1], [clara, 3]] as const) {
        await setTask(by, incident, 0, task);
    }
    await updateStatus(anna, incident, 'The bank declines every third payment. The provider is informed.');
    await goToStage(anna, incident, 1);
    await setTask(boris, incident, 1, 1);
    await endIncident(anna, incident);
    const write = (by: Person, key: string, text: string) => by.plugin('PATCH', `/incidents/${incident.id}/retrospective/sections/${key}`, {text});
    await write(clara, 'impact', 'Every third customer could not pay for **48 minutes**. Support answered 31 tickets; 12 customers got their money back.');
    await write(boris, 'causes', 'The certificate for the bank ended on Sunday.\n\n- Its end was in the calendar of a colleague who has left.\n- The alarm looks at our own certificates only.');
    return incident;
}

async function picture(page: Page, name: string, ready: Locator): Promise<void> {
    await expect(ready).toBeVisible();
    await page.mouse.move(0, 0);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.evaluate(() => document.fonts.ready);
    const file = path.join(folder, `${name}.png`);
    mkdirSync(folder, {recursive: true});
    const taken = decode(await page.screenshot({animations: 'disabled', caret: 'hide'}));
    writeFileSync(file, Buffer.from(encode(toRGBA8(taken), taken.width, taken.height, 256)));
    expect(statSync(file).size, `bytes of ${file}`).toBeLessThan(MAX_BYTES);
}

test('the pictures of the guide are made', async ({visits, anna, workspace}) => {
    test.skip(frame === '2021', 'they show the client of 2026');
    const {playbook, incident, people, found} = await dayAtWork(anna, workspace);
    const page = await visits.page(anna, {viewport: {width: 1280, height: 800}});
    await page.route(/\/api\/v0\/incidents/, async (route) => {
        if (route.request().method() !== 'GET') {
            await route.fallback();
            return;
        }
        const response = await route.fetch();
        await route.fulfill({response, ...(response.headers()['content-type']?.includes('json') ? {json: aged(await response.json())} : {})});
    });

    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await page.getByTestId('tasks').click();
    const command = rhs(page).getByText('/deploy rollback payments');
    await picture(page, 'incident', command);
    await setTheme(anna, 'dark');
    await expect(page.locator('html')).toHaveCSS('--center-channel-bg', themes.dark.centerChannelBg);
    await picture(page, 'incident-dark', command);
    await setTheme(anna, 'light');
    await expect(page.locator('html')).toHaveCSS('--center-channel-bg', themes.light.centerChannelBg);

    await page.getByTestId('summary').click();
    await picture(page, 'severity-and-roles', rhs(page).getByTestId('sidebar-roles'));
    const message = page.locator(`#post_${found.id}`);
    await message.hover();
    await page.locator(`#CENTER_actions_button_${found.id}`).click();
    await message.getByText('Create follow-up').click();
    await picture(page, 'followup-of-message', page.getByRole('dialog').getByLabel('What is to be done'));
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    await page.getByTestId('timeline').click();
    await picture(page, 'timeline', page.getByText('they see timeouts from our side'));

    await open(page, backstage(workspace.team, '/playbooks'));
    await picture(page, 'playbooks', page.getByText('Service outage').first());
    await open(page, backstage(workspace.team, `/playbooks/${playbook.id}`));
    await picture(page, 'editor', page.locator('#playbook-name').getByText('Service outage'));
    await page.getByRole('tab', {name: 'Severity'}).click();
    await picture(page, 'editor-severity', page.getByRole('listitem', {name: 'Level SEV3'}));
    await page.getByRole('tab', {name: 'Roles'}).click();
    await picture(page, 'editor-roles', page.getByTestId('role-fields').last());
    await open(page, backstage(workspace.team, '/incidents'));
    await expect(page.getByText('Clara Ortiz')).toHaveCount(2);
    await picture(page, 'incidents', page.getByText('Mail is delayed'));
    await open(page, backstage(workspace.team, '/followups'));
    await expect(page.getByTestId('followup')).toHaveCount(5);
    await picture(page, 'followups', page.getByText('Alert three weeks before a certificate ends'));
    await open(page, backstage(workspace.team, `/incidents/${incident.id}`));
    await expect(page.locator('circle[data-row]')).toHaveCount(5);
    await picture(page, 'incident-page', page.getByTestId('incident-title'));

    const over = await lookedBackAt(anna, workspace, playbook.id, people);
    await open(page, backstage(workspace.team, `/incidents/${over.id}#retrospective`));
    await picture(page, 'retrospective', page.getByTestId('retrospective-impact').getByText('Every third customer'));
    await open(page, backstage(workspace.team, `/incidents/${over.id}/retrospective`));
    await picture(page, 'retrospective-page', page.getByRole('heading', {level: 1}));

    // So that the next run gets the names.
    for (const person of people) {
        await rename(person, person.username);
    }
});

test('every picture that the documents show is there', () => {
    test.skip(Boolean(process.env.MM_PICTURES), 'they are being made');
    for (const document of ['README.md', path.join('docs', 'guide.md'), path.join('docs', 'admin.md')]) {
        const text = readFileSync(path.join(root, document), 'utf8');
        for (const [, target = ''] of text.matchAll(/!\[[^\]]*\]\(([^)]*pictures\/[^)]+)\)/g)) {
            const file = path.resolve(root, path.dirname(document), target);
            expect(existsSync(file), `${file}, shown in ${document}: run "npm run pictures"`).toBe(true);
        }
    }
});
