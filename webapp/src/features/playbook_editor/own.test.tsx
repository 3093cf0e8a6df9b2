import {fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Route} from 'react-router-dom';
import {beforeEach, describe, expect, it} from 'vitest';

import {NewPlaybook, PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {newPlaybookPath, playbookPath} from 'src/routes';
import {aPlaybook, aStage, aTask} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';
import {INCIDENT_TEMPLATE, Playbook} from 'src/types/playbook';
import {PlaybookSeverity} from 'src/types/severity';

const ROOT = '/:team/:plugin/playbooks';
const ONE: PlaybookSeverity = {levels: [{key: 'P1', name: 'Bad', description: '', color: 'red', update_seconds: 0}], default: 'P1'};

const pages = (
    <>
        <Route
            path={`${ROOT}/new`}
            component={NewPlaybook}
        />
        <Route
            exact={true}
            path={`${ROOT}/:id([a-z0-9]{26})`}
            component={PlaybookEditor}
        />
    </>
);

async function open(playbook: Playbook) {
    const server = fakeServer({[`GET /playbooks/${playbook.id}`]: {body: playbook}, [`PUT /playbooks/${playbook.id}`]: {}});
    renderWithHost(pages, {path: playbookPath('ad-1', playbook.id)});
    await screen.findByTestId('save_playbook');
    const saved = async () => {
        await userEvent.click(screen.getByTestId('save_playbook'));
        await waitFor(() => expect(server.to('PUT', `/playbooks/${playbook.id}`)).toHaveLength(1));
        return server.to('PUT', `/playbooks/${playbook.id}`)[0]!.body as Record<string, unknown>;
    };
    return {server, saved};
}

const openTab = (name: string) => userEvent.click(screen.getByRole('tab', {name}));

beforeEach(() => {
    freshHost();
});

describe('what capabilities keep in a playbook', () => {
    it('is not in what is sent of a playbook that uses none of it', async () => {
        const {saved} = await open(aPlaybook({revision: 3}));
        const sent = JSON.stringify(await saved());
        expect(sent).not.toMatch(/severity|roles|limit_seconds|assignment|archive|invitations/);
    });

    it('is sent as it came', async () => {
        const stages = [aStage({limit_seconds: 600, items: [aTask({assignment: {kind: 'role', role: 'scribe'}})]})];
        const roles: Playbook['roles'] = [{key: 'scribe', name: 'Scribe', description: '', default: {kind: 'none', user_id: ''}}];
        const {saved} = await open(aPlaybook({revision: 3, severity: ONE, roles, checklists: stages}));
        expect(await saved()).toMatchObject({severity: ONE, roles, checklists: [{limit_seconds: 600, items: [{assignment: {kind: 'role', role: 'scribe'}}]}]});
    });

    it('is sent as null when it was taken out', async () => {
        const {saved} = await open(aPlaybook({revision: 3, severity: ONE}));
        await openTab('Severity');
        await userEvent.click(await screen.findByRole('button', {name: 'Actions for the level P1'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Remove Level'}));
        expect((await saved()).severity).toBeNull();
    });

    it('that cannot be saved is shown instead', async () => {
        const {server, saved} = await open(aPlaybook({revision: 3}));
        await openTab('Severity');
        await userEvent.click(await screen.findByRole('button', {name: 'Add a Level'}));
        await openTab('Tasks');
        await userEvent.click(screen.getByTestId('save_playbook'));
        const name = await screen.findByLabelText('Name');
        expect(name).toHaveAccessibleDescription('Give the level a name, such as Critical.');
        expect(server.calls.some(({method}) => method === 'PUT')).toBe(false);
        fireEvent.change(name, {target: {value: 'Bad'}});
        expect((await saved()).severity).toEqual({levels: [{key: 'SEV1', name: 'Bad', description: '', color: 'red', update_seconds: 0}], default: ''});
    });

    it('is no reason to ask before leaving when it was changed back', async () => {
        await open(aPlaybook({revision: 3, severity: ONE}));
        await openTab('Severity');
        const name = await screen.findByLabelText('Name');
        fireEvent.change(name, {target: {value: 'Worse'}});
        fireEvent.change(name, {target: {value: 'Bad'}});
        const event = new Event('beforeunload', {cancelable: true});
        window.dispatchEvent(event);
        expect(event.defaultPrevented).toBe(false);
    });

    it('of a task is opened from its menu where the playbook has no roles', async () => {
        const {saved} = await open(aPlaybook({revision: 3, checklists: [aStage({items: [aTask({title: 'Restart'}), aTask({title: 'Watch'})]})]}));
        expect(screen.queryByText('Assigned to')).not.toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'Actions for Restart'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Assign in Advance'}));
        const field = await screen.findByLabelText('To whom Restart is assigned');
        expect(field).toHaveFocus();
        expect(screen.queryByLabelText('To whom Watch is assigned')).not.toBeInTheDocument();
        await userEvent.selectOptions(field, 'Commander');
        await userEvent.selectOptions(field, 'Nobody');
        expect(field).toBeInTheDocument();
        await userEvent.selectOptions(field, 'Commander');
        expect(await saved()).toMatchObject({checklists: [{items: [{assignment: {kind: 'commander'}}, {}]}]});
    });

    it('of a task is there at once where the playbook has roles, or the task has one', async () => {
        const assigned = aTask({title: 'Restart', assignment: {kind: 'commander'}});
        await open(aPlaybook({revision: 3, checklists: [aStage({items: [assigned, aTask({title: 'Watch'})]})]}));
        expect(await screen.findByLabelText('To whom Restart is assigned')).toHaveDisplayValue('Commander');
        expect(screen.queryByLabelText('To whom Watch is assigned')).not.toBeInTheDocument();
        await openTab('Roles');
        await userEvent.click(await screen.findByRole('button', {name: 'Add a Role'}));
        await openTab('Tasks');
        expect(await screen.findByLabelText('To whom Watch is assigned')).toHaveDisplayValue('Nobody');
        await userEvent.click(screen.getByRole('button', {name: 'Actions for Watch'}));
        expect(screen.queryByRole('menuitem', {name: 'Assign in Advance'})).not.toBeInTheDocument();
    });

    it('of a stage is opened from its menu', async () => {
        const {saved} = await open(aPlaybook({revision: 3, checklists: [aStage({title: 'Mitigate'})]}));
        expect(screen.queryByLabelText('Time limit of Mitigate')).not.toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'Actions for the stage Mitigate'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Set a Time Limit'}));
        const field = await screen.findByLabelText('Time limit of Mitigate');
        expect(field).toHaveFocus();
        await userEvent.selectOptions(field, '1h');
        expect(await saved()).toMatchObject({checklists: [{limit_seconds: 3600}]});
    });
});

it('the built-in template has four levels, the blank one none', async () => {
    const server = fakeServer({'POST /playbooks': {status: 201, body: {id: 'x'}}});
    const {unmount} = renderWithHost(pages, {path: newPlaybookPath('ad-1', INCIDENT_TEMPLATE)});
    await openTab('Severity');
    await screen.findByRole('listitem', {name: 'Level SEV4'});
    expect(screen.getAllByRole('listitem', {name: /^Level /})).toHaveLength(4);
    await userEvent.click(screen.getByTestId('save_playbook'));
    await waitFor(() => expect(server.to('POST', '/playbooks')).toHaveLength(1));
    unmount();
    freshHost();
    renderWithHost(pages, {path: newPlaybookPath('ad-1')});
    await userEvent.click(screen.getByTestId('save_playbook'));
    await waitFor(() => expect(server.to('POST', '/playbooks')).toHaveLength(2));
    const [template, blank] = server.to('POST', '/playbooks').map(({body}) => body as Playbook);
    expect(template?.severity?.levels.map(({key}) => key)).toEqual(['SEV1', 'SEV2', 'SEV3', 'SEV4']);
    expect(blank).not.toHaveProperty('severity');
});
