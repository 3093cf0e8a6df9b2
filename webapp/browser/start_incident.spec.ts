import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';
import type {Channel} from 'src/types/host_rest';

import {inspect} from './harness/checks';
import {channelPath, open} from './harness/page';
import {newPerson, Person, unique} from './harness/person';
import {
    choose, dialog, dialogCancel, dialogId, dialogIntroduction, dialogSelect, dialogSubmit, dialogTitle,
    fillStart, headerIcon, openOtherSidebar, otherSidebar, openPostActions, rhs, slash, startBySlash, submit,
} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {Workspace, writePost} from './harness/workspace';

type Kind = 'public' | 'private' | 'group' | 'direct' | 'own direct';

/** A channel of the kind with anna in it, and its address. */
async function channelOfKind(kind: Kind, workspace: Workspace, anna: Person): Promise<{channel: Channel; path: string}> {
    const others = kind === 'group' || kind === 'direct' ? [await newPerson('Clara', 'Ek'), await newPerson('David', 'Sten')] : [];
    await workspace.join(...others);
    const named = (channel: Channel) => ({channel, path: channelPath(workspace.team, channel)});
    const message = (channel: Channel, name: string) => ({channel, path: `/${workspace.team.name}/messages/${name}`});
    switch (kind) {
    case 'public':
        return named(await workspace.channel('O', anna));
    case 'private':
        return named(await workspace.channel('P', anna));
    case 'group': {
        const channel = await workspace.direct(anna, ...others);
        return message(channel, channel.name);
    }
    case 'direct': {
        const [other] = others;
        if (!other) {
            throw new Error('a direct channel is with somebody');
        }
        return message(await workspace.direct(anna, other), `@${other.username}`);
    }
    default:
        return message(await workspace.direct(anna), `@${anna.username}`);
    }
}

/** Incidents of the team with that name, as anna sees them. */
const found = async (anna: Person, workspace: Workspace, name: string) =>
    (await anna.plugin<{items: Incident[]}>('GET', `/incidents?team_id=${workspace.team.id}&search_term=${encodeURIComponent(name)}`)).items;

async function expectStarted(page: Page, anna: Person, workspace: Workspace, name: string): Promise<Incident> {
    await expect(rhs(page).getByTestId('rhs-title')).toHaveText(name);
    const [incident, ...more] = await found(anna, workspace, name);
    expect(more).toEqual([]);
    expect(incident).toMatchObject({name, is_active: true, commander_user_id: anna.id});
    return incident as Incident;
}

test('the dialog says which fields are missing', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await open(page, channelPath(workspace.team, 'town-square'));
    await slash(page, '/incident start');
    await expect(dialog(page)).toBeVisible();
    await dialogSubmit(page).click();
    await expect(dialogSelect(page)).toContainText('This field is required.');
    await expect(dialog(page).getByTestId('incidentName')).toContainText('This field is required.');
    await expect(dialog(page).getByTestId('incidentDescription')).not.toContainText('This field is required.');
    await expect(dialog(page)).toBeVisible();
});

test('the dialog leads to a new playbook', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await open(page, channelPath(workspace.team, 'town-square'));
    await slash(page, '/incident start');
    await dialogIntroduction(page).locator('a').click();
    await expect(page).toHaveURL(/\/com\.mattermost\.plugin-incident-management\/playbooks\/new$/);
});

test('the dialog names the commander and asks for playbook, name and description', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await open(page, channelPath(workspace.team, 'town-square'));
    await slash(page, '/incident start');
    await expect(dialogTitle(page)).toHaveText('Incident Details');
    await expect(dialogIntroduction(page)).toContainText(anna.fullName);
    await expect(dialogSelect(page)).toContainText('Playbook');
    await expect(dialog(page).getByTestId('incidentName')).toContainText('Name');
    await expect(dialog(page).getByTestId('incidentDescription')).toContainText('Description');
    await expect(dialogSubmit(page)).toHaveText('Start Incident');
    await inspect(page, anna, 'dialog-start', dialogId());
});

test('a cancelled dialog starts nothing', inBothFrames, async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna);
    const name = `Cancelled ${unique()}`;
    await open(page, channelPath(workspace.team, 'town-square'));
    await slash(page, '/incident start');
    await fillStart(page, {playbook: playbook.title, name});
    await dialogCancel(page).click();
    await expect(dialog(page)).toBeHidden();
    expect(await found(anna, workspace, name)).toEqual([]);
});

for (const kind of ['public', 'private', 'group', 'direct', 'own direct'] as const) {
    test(`started by command in a ${kind} channel`, inBothFrames, async ({page, anna, workspace}) => {
        const playbook = await workspace.playbook(anna);
        const name = `By command ${unique()}`;
        const {path} = await channelOfKind(kind, workspace, anna);
        await open(page, path);
        await startBySlash(page, {playbook: playbook.title, name});
        await expectStarted(page, anna, workspace, name);
    });
}

for (const kind of ['public', 'private', 'group', 'direct'] as const) {
    test(`started from the sidebar in a ${kind} channel, over another sidebar`, inBothFrames, async ({page, anna, workspace}) => {
        const playbook = await workspace.playbook(anna);
        const name = `By sidebar ${unique()}`;
        const {path} = await channelOfKind(kind, workspace, anna);
        await open(page, path);
        await openOtherSidebar(page);
        await expect(otherSidebar(page)).toBeVisible();
        await headerIcon(page).click();
        await rhs(page).getByText('Start Incident', {exact: true}).click();
        await fillStart(page, {playbook: playbook.title, name});
        await submit(page);
        await expectStarted(page, anna, workspace, name);
    });
}

for (const kind of ['public', 'private', 'group', 'direct', 'own direct'] as const) {
    test(`started from a post in a ${kind} channel`, inBothFrames, async ({page, anna, workspace}) => {
        const playbook = await workspace.playbook(anna);
        const name = `By post ${unique()}`;
        const {channel, path} = await channelOfKind(kind, workspace, anna);
        const post = await writePost(anna, channel.id, 'Everything is slow');
        const commands: string[] = [];
        page.on('request', (request) => {
            if (request.url().endsWith('/api/v4/commands/execute')) {
                commands.push(request.postData() ?? '');
            }
        });
        await open(page, path);
        const menu = await openPostActions(page, post.id);
        await expect(menu.getByTestId('incidentPostMenuIcon')).toHaveText('Start incident');
        await menu.getByTestId('incidentPostMenuIcon').click();
        await fillStart(page, {playbook: playbook.title, name});
        await expect(page.getByTestId('incidentDescriptioninput')).toHaveValue(new RegExp(post.id));
        await submit(page);
        await expectStarted(page, anna, workspace, name);
        expect(commands).toHaveLength(1);
    });
}

test('the description is kept', inBothFrames, async ({page, anna, workspace}) => {
    const playbook = await workspace.playbook(anna);
    const name = `Described ${unique()}`;
    await open(page, channelPath(workspace.team, 'town-square'));
    await startBySlash(page, {playbook: playbook.title, name, description: 'Payments *fail* since noon'});
    const incident = await expectStarted(page, anna, workspace, name);
    expect(incident.description).toBe('Payments *fail* since noon');
    await expect(rhs(page).getByTestId('incident-description')).toContainText('Payments fail since noon');
});

test('only the tab that started the incident goes to its channel', inBothFrames, async ({page, anna, workspace, visits}) => {
    const playbook = await workspace.playbook(anna);
    const name = `Two tabs ${unique()}`;
    const other = await visits.tab(page.context());
    await open(page, channelPath(workspace.team, 'town-square'));
    await open(other, channelPath(workspace.team, 'off-topic'));
    await headerIcon(other).click();
    await slash(page, '/incident start');
    await fillStart(page, {name});
    await choose(page, playbook.title);
    await submit(page);
    await expectStarted(page, anna, workspace, name);
    await expect(rhs(other).getByText(name)).toBeVisible();
    await expect(other).toHaveURL(/\/off-topic$/);
    await expect(dialog(other)).toBeHidden();
});
