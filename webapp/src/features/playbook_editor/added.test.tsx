import {screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Route, useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it} from 'vitest';

import {NewPlaybook, PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {newPlaybookPath, playbookListPath, playbookPath} from 'src/routes';
import {aPlaybook, aStage, aTask, TEAM} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {Answer, Call, fakeServer} from 'src/testing/server';

beforeEach(() => {
    freshHost();
});

// The tab of the retrospective stands for all that capabilities store beside a playbook.
const mine = aPlaybook({title: 'Outage', revision: 7, checklists: [aStage({items: [aTask({title: 'A'})]})]});
const settings = {
    playbook_id: mine.id, revision: 2, update_at: 0, updated_by_id: '', remind: true, due_working_days: 2, broadcast: false,
    sections: [{key: 'summary', heading: 'Summary', questions: ['Why?'], draft: 'summary'}, {key: 'own', heading: 'Own', questions: [], draft: ''}],
};
const url = `/playbooks/${mine.id}`;
const Where = () => <div data-testid='where'>{useLocation().pathname}</div>;

function world(more: Record<string, Answer | ((call: Call) => Answer)> = {}) {
    return fakeServer({
        [`GET ${url}`]: {body: mine},
        [`PUT ${url}`]: {},
        'POST /playbooks': {status: 201, body: {id: mine.id}},
        [`GET ${url}/retrospective`]: {body: settings},
        [`PUT ${url}/retrospective`]: ({body}) => ({body: {...settings, ...body as object, revision: 3}}),
        ...more,
    });
}

async function edit(path = playbookPath(TEAM.name, mine.id)) {
    const shown = renderWithHost((
        <>
            <Route
                exact={true}
                path='/:team/:plugin/playbooks/new'
                component={NewPlaybook}
            />
            <Route
                path='/:team/:plugin/playbooks/:id([a-z0-9]{26})'
                component={PlaybookEditor}
            />
            <Where/>
        </>
    ), {path});
    await userEvent.click(await screen.findByRole('tab', {name: 'Retrospective'}));
    await screen.findByLabelText('Heading of section 1');
    return shown;
}

const remind = () => screen.getByRole('checkbox', {name: /^Remind the commander/});
const save = () => userEvent.click(screen.getByRole('button', {name: 'Save'}));
const isAt = (path: string) => waitFor(() => expect(screen.getByTestId('where').textContent).toBe(path));

describe('what a tab stores beside the playbook', () => {
    it('is saved with it, and only when it was changed', async () => {
        const server = world();
        await edit();
        await userEvent.click(remind());
        await userEvent.type(screen.getByLabelText('Heading of section 2'), ' words');
        await userEvent.type(screen.getAllByLabelText('Questions, one to a line')[0]!, '\nWhen?');
        await userEvent.click(screen.getByRole('button', {name: 'Move up: Own words'}));
        expect(screen.getByRole('button', {name: 'Move up: Own words'})).toHaveFocus();
        expect(screen.getByRole('button', {name: 'Move up: Own words'})).toHaveAttribute('aria-disabled', 'true');
        await save();
        await isAt(playbookListPath(TEAM.name));
        expect(server.to('PUT', `${url}/retrospective`).map(({body}) => body)).toEqual([{
            remind: false, due_working_days: 2, broadcast: false, expected_revision: 2,
            sections: [{key: 'own', heading: 'Own words', questions: [], draft: ''}, {key: 'summary', heading: 'Summary', questions: ['Why?', 'When?'], draft: 'summary'}],
        }]);
        expect(server.to('PUT', url)).toHaveLength(1);
    });

    it('is not sent when it was changed back', async () => {
        const server = world();
        await edit();
        await userEvent.click(remind());
        await userEvent.click(remind());
        await save();
        await isAt(playbookListPath(TEAM.name));
        expect(server.to('PUT', `${url}/retrospective`)).toEqual([]);
    });

    it('is kept over a reload', async () => {
        world();
        const {unmount} = await edit();
        await userEvent.click(remind());
        unmount();
        await edit();
        expect(remind()).not.toBeChecked();
        expect(screen.getByText(/Your changes from before were kept/)).toBeInTheDocument();
    });

    it('stops the saving when somebody else has changed it, until one has chosen', async () => {
        const theirs = {...settings, revision: 5, due_working_days: 9};
        const server = world({[`PUT ${url}/retrospective`]: ({body}) => ((body as {expected_revision: number}).expected_revision === 5 ?
            {body: {...theirs, revision: 6}} : {status: 409, body: {error: 'Outdated.', code: 'retrospective.settings_outdated', current: theirs}})});
        await edit();
        await userEvent.click(remind());
        await userEvent.click(screen.getByRole('tab', {name: 'Tasks'}));
        await save();
        expect(await screen.findByRole('alert')).toHaveTextContent('Somebody else has changed the settings');
        expect(server.to('PUT', url)).toEqual([]);
        await userEvent.click(screen.getByRole('button', {name: 'Keep Mine'}));
        await save();
        await isAt(playbookListPath(TEAM.name));
        expect(server.to('PUT', `${url}/retrospective`).map(({body}) => body)).toMatchObject([{remind: false, expected_revision: 2}, {remind: false, expected_revision: 5}]);
    });

    it('what they have saved can be taken', async () => {
        const theirs = {...settings, revision: 5, due_working_days: 9};
        world({[`PUT ${url}/retrospective`]: {status: 409, body: {error: 'Outdated.', code: 'retrospective.settings_outdated', current: theirs}}});
        await edit();
        await userEvent.click(remind());
        await save();
        await userEvent.click(await screen.findByRole('button', {name: 'Take Theirs'}));
        expect(remind()).toBeChecked();
        expect(screen.getByRole('spinbutton')).toHaveValue(9);
    });

    it('of a new playbook is stored after it', async () => {
        const server = world();
        await edit(newPlaybookPath(TEAM.name));
        await userEvent.click(remind());
        await save();
        await isAt(playbookListPath(TEAM.name));
        expect(server.to('POST', '/playbooks')).toHaveLength(1);
        expect(server.to('PUT', `${url}/retrospective`).map(({body}) => body)).toMatchObject([{remind: false, expected_revision: 0, sections: [{key: 'summary'}, {}, {}, {}, {}, {}, {}]}]);
    });

    it('of a new playbook is not lost, and the playbook not made twice, when only that fails', async () => {
        const server = world({[`PUT ${url}/retrospective`]: {status: 500}});
        await edit(newPlaybookPath(TEAM.name));
        await userEvent.click(remind());
        await save();
        await isAt(playbookPath(TEAM.name, mine.id));
        await userEvent.click(await screen.findByRole('tab', {name: 'Retrospective'}));
        await waitFor(() => expect(remind()).not.toBeChecked());
        server.on({[`PUT ${url}/retrospective`]: ({body}) => ({body: {...settings, ...body as object, revision: 1}})});
        await save();
        await isAt(playbookListPath(TEAM.name));
        expect(server.to('POST', '/playbooks')).toHaveLength(1);
    });

    it('the sections of a playbook can be taken out, added, and be the standard ones again', async () => {
        const server = world();
        await edit();
        await userEvent.click(screen.getByRole('button', {name: 'Take out: Own'}));
        expect(screen.getByLabelText('Heading of section 1')).toHaveFocus();
        await userEvent.click(screen.getByRole('button', {name: 'Add a Section'}));
        expect(screen.getByLabelText('Heading of section 2')).toHaveFocus();
        expect(screen.getByText('The section needs a heading.')).toBeInTheDocument();
        await userEvent.type(screen.getByLabelText('Heading of section 2'), 'Press');
        const choice = screen.getAllByLabelText('What is generated into it')[1]!;
        expect(within(choice).getByRole('option', {name: 'Summary'})).toBeDisabled();
        await userEvent.selectOptions(choice, 'Impact');
        await save();
        await isAt(playbookListPath(TEAM.name));
        expect(server.to('PUT', `${url}/retrospective`).map(({body}) => body)).toMatchObject([{sections: [{key: 'summary'}, {key: '', heading: 'Press', draft: 'impact'}]}]);
    });
});
