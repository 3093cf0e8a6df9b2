import type {Page} from '@playwright/test';

import type {Incident} from 'src/types/incident';

import {inspect} from './harness/checks';
import {channelPath, open} from './harness/page';
import {administrator, Person} from './harness/person';
import {dialog, dialogTitle, ephemeral, posts, rhs, rhsTitle, slash, stageBlock, submit} from './harness/screen';
import {expect, inBothFrames, test} from './harness/test';
import {closeStage, goToStage, readIncident, stages, Workspace} from './harness/workspace';

const onlyInside = /not an incident channel/;

async function openIncident(page: Page, workspace: Workspace, incident: Incident): Promise<void> {
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
}

/** The private message that answers a command. */
async function expectAnswer(page: Page, command: string, answer: RegExp | string): Promise<void> {
    await slash(page, command);
    await expect(ephemeral(page, answer).last()).toBeVisible();
    await expect(page.locator('.post-create__error')).toHaveText('');
}

test('outside of an incident the commands say that they need one', async ({page, anna, workspace}) => {
    await open(page, channelPath(workspace.team, 'town-square'));
    const commands = ['/incident commander', `/incident commander @${anna.username}`, '/incident info', '/incident stage next', '/incident stage prev'];
    for (const [index, command] of commands.entries()) {
        await slash(page, command);
        await expect(ephemeral(page, onlyInside)).toHaveCount(index + 1);
    }
    await inspect(page, anna, 'command-answers');
});

test('the commander is named', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openIncident(page, workspace, incident);
    await expectAnswer(page, '/incident commander', anna.username);
});

for (const at of ['', '@']) {
    test(`an unknown user ${at}name is no commander`, async ({page, anna, workspace}) => {
        await openIncident(page, workspace, await workspace.incident(anna));
        await expectAnswer(page, `/incident commander ${at}nobody-is-called-so`, 'must be an active member');
    });

    test(`the commander has to be in the channel: ${at}name`, async ({page, anna, boris, workspace}) => {
        const incident = await workspace.incident(anna);
        await openIncident(page, workspace, incident);
        await expectAnswer(page, `/incident commander ${at}${boris.username}`, /channel/);
        expect((await readIncident(anna, incident)).commander_user_id).toBe(anna.id);
    });

    test(`who commands already: ${at}name`, async ({page, anna, workspace}) => {
        await openIncident(page, workspace, await workspace.incident(anna));
        await expectAnswer(page, `/incident commander ${at}${anna.username}`, 'is the commander already');
    });

    test(`a member of the channel becomes commander: ${at}name`, async ({page, anna, boris, workspace}) => {
        const incident = await workspace.incident(anna);
        await workspace.invite(anna, incident, boris);
        await openIncident(page, workspace, incident);
        await slash(page, `/incident commander ${at}${boris.username}`);
        const announced = posts(page).filter({hasText: anna.username}).filter({hasText: boris.username}).filter({hasText: /ommander/});
        await expect(announced.last()).toBeVisible();
        await expect(rhs(page).getByText(boris.username)).toBeVisible();
        expect((await readIncident(anna, incident)).commander_user_id).toBe(boris.id);
    });
}

test('two users cannot both command', async ({page, anna, boris, workspace}) => {
    await openIncident(page, workspace, await workspace.incident(anna));
    await expectAnswer(page, `/incident commander @${anna.username} @${boris.username}`, 'one commander');
});

test('info opens the closed sidebar', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openIncident(page, workspace, incident);
    await page.locator('#searchResultsCloseButton').click();
    await expect(rhs(page)).toHaveCount(0);
    await slash(page, '/incident info');
    await expect(rhsTitle(page)).toHaveText(incident.name);
});

test('info says where the details are when the sidebar is open', inBothFrames, async ({page, anna, workspace}) => {
    await openIncident(page, workspace, await workspace.incident(anna));
    await expectAnswer(page, '/incident info', 'in the sidebar on the right');
});

test('info shows the details when the sidebar shows the list', inBothFrames, async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    await openIncident(page, workspace, incident);
    await page.getByTestId('back-button').click();
    await expect(page.getByTestId('go-to-channel')).toBeVisible();
    await slash(page, '/incident info');
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(page.getByTestId('tasks')).toBeVisible();
});

test('only whole words are commands of the web part', inBothFrames, async ({page, anna, workspace}) => {
    await workspace.playbook(anna);
    await open(page, channelPath(workspace.team, 'town-square'));
    await slash(page, '/incident started');
    await expect(ephemeral(page).last()).toContainText('/incident');
    await expect(dialog(page)).toHaveCount(0);
});

test('stage wants to know which way', async ({page, anna, workspace}) => {
    await open(page, channelPath(workspace.team, 'town-square'));
    await expectAnswer(page, '/incident stage', 'Say which way');
    const incident = await workspace.staged(anna, stages(2));
    await openIncident(page, workspace, incident);
    await expectAnswer(page, '/incident stage', 'Say which way');
});

for (const done of [false, true]) {
    const state = done ? 'all tasks checked' : 'open tasks';

    test(`there is no stage after the last, ${state}`, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(2));
        await goToStage(anna, incident, 1);
        if (done) {
            await closeStage(anna, incident, 1);
        }
        await openIncident(page, workspace, incident);
        await expectAnswer(page, '/incident stage next', /last stage.*\/incident end/s);
    });

    test(`the next stage, ${state}`, inBothFrames, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(2));
        if (done) {
            await closeStage(anna, incident, 0);
        }
        await openIncident(page, workspace, incident);
        await slash(page, '/incident stage next');
        if (!done) {
            await expect(dialogTitle(page)).toContainText(/tasks/i);
            await submit(page);
        }
        await expect(stageBlock(page)).toContainText('(2/2)');
        await expect(dialog(page)).toHaveCount(0);
    });

    test(`there is no stage before the first, ${state}`, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(2));
        if (done) {
            await closeStage(anna, incident, 0);
        }
        await openIncident(page, workspace, incident);
        await expectAnswer(page, '/incident stage prev', 'first stage');
    });

    test(`the stage before, ${state}`, async ({page, anna, workspace}) => {
        const incident = await workspace.staged(anna, stages(2));
        await goToStage(anna, incident, 1);
        if (done) {
            await closeStage(anna, incident, 1);
        }
        await openIncident(page, workspace, incident);
        await slash(page, '/incident stage prev');
        await expect(stageBlock(page)).toContainText('(1/2)');
    });
}

// One after the other: one of them turns a setting of the server off for a moment.
test.describe.serial('the test commands', () => {
    const playbookId = 'abcdefghijklmnopqrstuvwxyz';
    const subcommands = ['bulk-data', 'create-incident', 'self'];

    async function asAdmin(page: Page, workspace: Workspace): Promise<Person> {
        const admin = await administrator();
        await workspace.join(admin);
        const frame = (await page.context().cookies()).filter(({name}) => name === 'webhost_frame');
        await page.context().clearCookies();
        await page.context().addCookies([...frame, ...admin.cookies]);
        await open(page, channelPath(workspace.team, 'town-square'));
        return admin;
    }

    async function allowTesting(isOn: boolean): Promise<void> {
        await (await administrator()).host('PUT', '/config/patch', {ServiceSettings: {EnableTesting: isOn}});
    }

    test('are for administrators', async ({page, workspace}) => {
        await open(page, channelPath(workspace.team, 'town-square'));
        for (const [index, name] of subcommands.entries()) {
            await slash(page, `/incident test ${name}`);
            await expect(ephemeral(page, /administrator/)).toHaveCount(index + 1);
        }
    });

    test('need a setting of the server', async ({page, workspace}) => {
        await asAdmin(page, workspace);
        await allowTesting(false);
        try {
            for (const [index, name] of subcommands.entries()) {
                await slash(page, `/incident test ${name}`);
                await expect(ephemeral(page, /setting EnableTesting.*is on/)).toHaveCount(index + 1);
            }
        } finally {
            await allowTesting(true);
        }
    });

    test('self asks for words that confirm it', async ({page, workspace}) => {
        await asAdmin(page, workspace);
        await expectAnswer(page, '/incident test self', 'CONFIRM TEST SELF');
    });

    test('create-incident says what is wrong with its arguments', async ({page, workspace}) => {
        const admin = await asAdmin(page, workspace);
        const playbook = await workspace.playbook(admin);
        for (const [index, words] of ['', playbook.id, `${playbook.id} 2020-11-23`].entries()) {
            await slash(page, `/incident test create-incident ${words}`);
            await expect(ephemeral(page, 'Give a playbook, a date and a name')).toHaveCount(index + 1);
        }
        await expectAnswer(page, '/incident test create-incident nonsense 2020-11-23 Name', 'The playbook ID must have 26 letters and digits');
        await expectAnswer(page, `/incident test create-incident ${playbookId} 2020-11-23 Name`, /does not exist/);
        await expectAnswer(page, `/incident test create-incident ${playbook.id} 23.11.2020 Name`, /date must have the form YYYY-MM-DD, for example 2020-11-23/);
    });

    test('create-incident makes an incident of the past', async ({page, workspace}) => {
        const admin = await asAdmin(page, workspace);
        const playbook = await workspace.playbook(admin);
        await slash(page, `/incident test create-incident ${playbook.id} 2020-11-23 Old trouble`);
        const answer = ephemeral(page, 'was created').last();
        await expect(answer.getByRole('link')).toHaveAttribute('href', /\/channels\/old-trouble$/);
        const {items} = await admin.plugin<{items: Incident[]}>('GET', `/incidents?team_id=${workspace.team.id}`);
        expect(items).toHaveLength(1);
        expect(items[0]).toMatchObject({name: 'Old trouble', is_active: true, create_at: Date.UTC(2020, 10, 23)});
    });

    test('bulk-data says what is wrong with its arguments', async ({page, workspace}) => {
        const admin = await asAdmin(page, workspace);
        await workspace.playbook(admin);
        for (const [index, words] of ['', '1', '1 1', '1 1 2020-01-31'].entries()) {
            await slash(page, `/incident test bulk-data ${words}`);
            await expect(ephemeral(page, 'Give two numbers and two dates').filter({hasText: '[seed]'})).toHaveCount(index + 1);
        }
        await expectAnswer(page, '/incident test bulk-data one 1 2020-01-31 2020-11-22', 'The number of ongoing incidents must be a whole number');
        await expectAnswer(page, '/incident test bulk-data 1 one 2020-01-31 2020-11-22', 'The number of ended incidents must be a whole number');
        await expectAnswer(page, '/incident test bulk-data 1 1 31.1.2020 2020-11-22', 'The begin date must have the form YYYY-MM-DD');
        await expectAnswer(page, '/incident test bulk-data 1 1 2020-01-31 22.11.2020', 'The end date must have the form YYYY-MM-DD');
        for (const [index, end] of ['2020-01-30', '2020-01-31'].entries()) {
            await slash(page, `/incident test bulk-data 1 1 2020-01-31 ${end}`);
            await expect(ephemeral(page, 'the end date must be after the begin date')).toHaveCount(index + 1);
        }
        await expectAnswer(page, '/incident test bulk-data 0 0 2020-01-31 2020-11-22', 'Nothing was created');
    });

    for (const [ongoing, ended] of [[2, 0], [0, 2], [2, 2]] as const) {
        test(`bulk-data makes ${ongoing} ongoing and ${ended} ended incidents`, async ({page, workspace}) => {
            const admin = await asAdmin(page, workspace);
            await workspace.playbook(admin);
            await slash(page, `/incident test bulk-data ${ongoing} ${ended} 2020-01-31 2020-11-22 7`);
            // Each row names a channel. The client makes a link of it once it knows the channel.
            await expect(ephemeral(page).last().getByRole('row').filter({hasText: '~'})).toHaveCount(ongoing + ended);
            const {items} = await admin.plugin<{items: Incident[]}>('GET', `/incidents?team_id=${workspace.team.id}`);
            expect(items.filter(({is_active: isActive}) => isActive)).toHaveLength(ongoing);
            expect(items.filter(({is_active: isActive}) => !isActive)).toHaveLength(ended);
        });
    }
});
