import {act, fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Link, Route, useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it} from 'vitest';

import {NewPlaybook, PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {newPlaybookPath, playbookListPath, playbookPath} from 'src/routes';
import {aPlaybook, aStage, aTask, BORIS, ME, OTHER_TEAM, TEAM} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {NOT_RUNNING, fakeServer, later} from 'src/testing/server';
import {Playbook} from 'src/types/playbook';

const ROOT = '/:team/:plugin/playbooks';

beforeEach(() => {
    freshHost();
});

function Where() {
    const {pathname, search} = useLocation();
    return <div data-testid='where'>{pathname + search}</div>;
}

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
        <Where/>
        <Link to='/elsewhere'>{'away'}</Link>
        <Link to={newPlaybookPath('ad-1', 'Incident Management Playbook')}>{'template'}</Link>
    </>
);

const where = () => screen.getByTestId('where').textContent;
const save = () => screen.getByTestId('save_playbook');
const openNew = (template?: string) => renderWithHost(pages, {path: newPlaybookPath('ad-1', template)});

function openStored(playbook: Playbook, more = {}) {
    const server = fakeServer({[`GET /playbooks/${playbook.id}`]: {body: playbook}, [`PUT /playbooks/${playbook.id}`]: {}, ...more});
    renderWithHost(pages, {path: playbookPath('ad-1', playbook.id)});
    return server;
}

async function rename(title: string) {
    await userEvent.click(document.querySelector('#playbook-name .editable-trigger')!);
    const input = document.querySelector<HTMLInputElement>('#playbook-name .editable-input')!;
    fireEvent.change(input, {target: {value: title}});
    fireEvent.keyDown(input, {key: 'Enter'});
}

describe('a new playbook', () => {
    it('starts with one stage, one task and me, and is private', async () => {
        const server = fakeServer({'POST /playbooks': {status: 201, body: {id: 'x'}}});
        openNew();
        expect(screen.getByText('Untitled Playbook')).toBeInTheDocument();
        await userEvent.click(save());
        await waitFor(() => expect(where()).toBe(playbookListPath('ad-1')));
        expect(server.to('POST', '/playbooks')[0]!.body).toMatchObject({
            title: 'Untitled Playbook', team_id: TEAM.id, create_public_incident: false, member_ids: [ME.id], reminder_timer_default_seconds: 0,
            checklists: [{title: 'Default Stage', items: [{title: 'Untitled Step', command: ''}]}],
        });
    });

    it('is created once by a double press', async () => {
        const answer = later();
        const server = fakeServer({'POST /playbooks': () => answer.answer});
        openNew();
        fireEvent.click(save());
        fireEvent.click(save());
        expect(save()).toHaveAttribute('aria-disabled', 'true');
        await act(async () => answer.give({status: 201, body: {id: 'x'}}));
        expect(server.to('POST', '/playbooks')).toHaveLength(1);
    });

    it('says that saving failed and keeps what was typed', async () => {
        fakeServer({'POST /playbooks': {status: 500}});
        openNew();
        await rename('Mine');
        await userEvent.click(save());
        expect(await screen.findByRole('alert')).toHaveTextContent('The playbook was not saved.');
        expect(screen.getByText('Mine')).toBeInTheDocument();
    });

    it('from a template is unchanged until the user changes it', async () => {
        fakeServer();
        openNew('Incident Management Playbook');
        expect(screen.getByText('Incident Management Playbook')).toBeInTheDocument();
        expect(screen.getAllByPlaceholderText('Task Name')).toHaveLength(20);
        await userEvent.click(screen.getByTestId('icon-arrow-left'));
        expect(where()).toBe(playbookListPath('ad-1'));
    });

    it('follows the template of the URL, and tells of one that does not exist', async () => {
        fakeServer();
        openNew('Nonsense');
        expect(screen.getByRole('alert')).toHaveTextContent('There is no template “Nonsense”.');
        await userEvent.click(screen.getByText('template'));
        expect(screen.getAllByPlaceholderText('Task Name')).toHaveLength(20);
    });

    it('gives the add button back when a command is left empty', async () => {
        fakeServer();
        openNew();
        await userEvent.click(screen.getByTestId('add-command'));
        const field = screen.getByPlaceholderText('Slash Command');
        expect(field).toHaveFocus();
        expect(field).toHaveValue('/');
        await userEvent.tab();
        expect(screen.getByTestId('add-command')).toBeInTheDocument();
    });

    it('uses the text box of the host for commands', async () => {
        fakeServer();
        // Its own area has the placeholder in an element beside it.
        const Area = ({placeholder, ...rest}: {placeholder: string}) => <><span>{placeholder}</span><textarea {...rest}/></>;
        window.Components = {
            Textbox: ({value, onChange, createMessage, suggestionListStyle, inputComponent: Input = Area}) => (
                <Input
                    value={value}
                    placeholder={createMessage}
                    data-list={suggestionListStyle}
                    onChange={onChange}
                />
            ),
        };
        openNew();
        await userEvent.click(screen.getByTestId('add-command'));
        expect(screen.getByPlaceholderText('Slash Command')).toHaveFocus();
        expect(screen.getByPlaceholderText('Slash Command')).toHaveAttribute('data-list', 'bottom');
        delete window.Components;
    });
});

describe('leaving the editor', () => {
    it('asks before changes are lost by a link, by back and by closing the tab', async () => {
        openStored(aPlaybook({title: 'Outage'}));
        await screen.findByText('Outage');
        const here = where();
        await rename('Changed');
        await userEvent.click(screen.getByText('away'));
        expect(where()).toBe(here);
        await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
        await userEvent.click(screen.getByTestId('icon-arrow-left'));
        const closing = new Event('beforeunload', {cancelable: true});
        window.dispatchEvent(closing);
        expect(closing.defaultPrevented).toBe(true);
        await userEvent.click(screen.getByRole('button', {name: 'Discard Changes'}));
        expect(where()).toBe(playbookListPath('ad-1'));
    });

    it('discards once by Enter', async () => {
        openStored(aPlaybook({title: 'Outage'}));
        await screen.findByText('Outage');
        await rename('Changed');
        await userEvent.click(screen.getByText('away'));
        await userEvent.keyboard('{Enter}');
        expect(where()).toBe('/elsewhere');
    });

    it('asks nothing when a title was opened and left as it was', async () => {
        openStored(aPlaybook({title: 'Outage'}));
        await screen.findByText('Outage');
        await rename('Outage');
        await userEvent.click(screen.getByText('away'));
        expect(where()).toBe('/elsewhere');
    });

    it('drops what was typed in a title by Escape and gives the focus back', async () => {
        openStored(aPlaybook({title: 'Outage'}));
        await userEvent.click(await screen.findByText('Outage'));
        await userEvent.keyboard('xyz{Escape}');
        expect(screen.getByText('Outage')).toBeInTheDocument();
        expect(document.querySelector('#playbook-name .editable-trigger')).toHaveFocus();
    });
});

describe('a stored playbook', () => {
    it('leads to the error page only when it is missing or private', async () => {
        const playbook = aPlaybook();
        openStored(playbook, {[`GET /playbooks/${playbook.id}`]: {status: 404}});
        await waitFor(() => expect(where()).toContain('/error?type=playbooks'));
    });

    it('offers to retry when the server has a problem', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        const server = openStored(playbook, {[`GET /playbooks/${playbook.id}`]: {status: 500}});
        await screen.findByRole('alert');
        server.on({[`GET /playbooks/${playbook.id}`]: {body: playbook}});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByText('Outage')).toBeInTheDocument();
    });

    it('is shown under its own team', async () => {
        const playbook = aPlaybook({team_id: OTHER_TEAM.id});
        openStored(playbook);
        await waitFor(() => expect(where()).toBe(playbookPath('other', playbook.id)));
    });

    it('does not overwrite what somebody else saved, unless the user says so', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        const server = openStored(playbook);
        await screen.findByText('Outage');
        await rename('Mine');
        server.on({[`GET /playbooks/${playbook.id}`]: {body: {...playbook, description: 'Theirs'}}});
        await userEvent.click(save());
        await screen.findByText('This playbook was changed meanwhile');
        expect(server.to('PUT', `/playbooks/${playbook.id}`)).toHaveLength(0);
        await userEvent.click(screen.getByRole('button', {name: 'Overwrite Their Changes'}));
        await waitFor(() => expect(server.to('PUT', `/playbooks/${playbook.id}`)).toHaveLength(1));
        expect(server.to('PUT', `/playbooks/${playbook.id}`)[0]!.body).toMatchObject({title: 'Mine', description: ''});
    });

    it('neither drops mine nor closes the question while mine is saved over theirs', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        const slow = later();
        const server = openStored(playbook, {[`PUT /playbooks/${playbook.id}`]: () => slow.answer});
        await screen.findByText('Outage');
        await rename('Mine');
        server.on({[`GET /playbooks/${playbook.id}`]: {body: {...playbook, description: 'Theirs'}}});
        await userEvent.click(save());
        await userEvent.click(await screen.findByRole('button', {name: 'Overwrite Their Changes'}));
        await userEvent.click(screen.getByRole('button', {name: 'Discard Mine, Load Theirs'}));
        await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
        expect(screen.getByText('This playbook was changed meanwhile')).toBeInTheDocument();
        expect(screen.getByText('Mine')).toBeInTheDocument();
        await act(async () => slow.give({}));
        expect(where()).toBe(playbookListPath('ad-1'));
    });

    it('says that it was deleted and saves it as a new one', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        const server = openStored(playbook, {'POST /playbooks': {status: 201, body: {id: 'x'}}});
        await screen.findByText('Outage');
        server.on({[`GET /playbooks/${playbook.id}`]: {status: 404}});
        await userEvent.click(save());
        expect(await screen.findByRole('alert')).toHaveTextContent('somebody has deleted it');
        await userEvent.click(screen.getByRole('button', {name: 'Save as a New Playbook'}));
        await waitFor(() => expect(server.to('POST', '/playbooks')).toHaveLength(1));
        expect(server.to('POST', '/playbooks')[0]!.body).toMatchObject({id: '', title: 'Outage'});
    });

    it('is not taken for deleted while the plugin does not run', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        const server = openStored(playbook, {[`PUT /playbooks/${playbook.id}`]: NOT_RUNNING});
        await screen.findByText('Outage');
        server.on({[`GET /playbooks/${playbook.id}`]: NOT_RUNNING});
        await userEvent.click(save());
        expect(await screen.findByRole('alert')).toHaveTextContent('Incident Management does not run at this moment. Try again soon.');
        expect(screen.queryByRole('button', {name: 'Save as a New Playbook'})).toBeNull();
        server.on({[`GET /playbooks/${playbook.id}`]: {body: playbook}, [`PUT /playbooks/${playbook.id}`]: {}});
        await userEvent.click(save());
        await waitFor(() => expect(where()).toBe(playbookListPath('ad-1')));
    });

    it('cannot be saved without members, and warns who removes oneself', async () => {
        openStored(aPlaybook({title: 'Outage', member_ids: [ME.id, BORIS.id]}));
        const people = within(await screen.findByTestId('playbook-sidebar'));
        expect(people.getAllByText('Remove')[0]).toHaveAccessibleDescription('Anna Berg');
        await userEvent.click(people.getAllByText('Remove')[0]!);
        expect(people.getByText(/You removed yourself/)).toBeInTheDocument();
        await userEvent.click(people.getByText('Remove'));
        expect(people.getByText(/Add at least one person/)).toBeInTheDocument();
        expect(save()).toBeDisabled();
    });

    it('adds people found by the server once, and no longer offers them', async () => {
        openStored(aPlaybook({title: 'Outage'}), {'GET host:/users': {body: [ME, BORIS]}});
        await userEvent.click(await screen.findByRole('button', {name: 'Add People'}));
        await userEvent.click(await screen.findByRole('option', {name: /boris/}));
        const people = within(screen.getByTestId('playbook-sidebar'));
        expect(people.getAllByText('Remove')).toHaveLength(2);
        await userEvent.click(screen.getByRole('button', {name: 'Add People'}));
        expect(await screen.findByText('Nothing found')).toBeInTheDocument();
    });

    it('offers people of further pages when all of the first are members', async () => {
        const first = Array.from({length: 50}, (_, i) => ({...BORIS, id: `member${i}`, username: `member${i}`}));
        openStored(aPlaybook({title: 'Outage', member_ids: [ME.id, ...first.map(({id}) => id)]}), {
            'GET host:/users': ({query}: {query: Record<string, string>}) => ({body: query.page === '0' ? first : [BORIS]}),
        });
        await userEvent.click(await screen.findByRole('button', {name: 'Add People'}));
        expect(await screen.findByRole('option', {name: /boris/})).toBeInTheDocument();
        expect(screen.queryByText('Nothing found')).toBeNull();
    });

    it('asks again who is in the team each time the list is opened', async () => {
        const chen = {...BORIS, id: 'chen', username: 'chen', first_name: '', last_name: '', nickname: ''};
        const server = openStored(aPlaybook({title: 'Outage'}), {'GET host:/users': {body: [ME, BORIS]}});
        await userEvent.click(await screen.findByRole('button', {name: 'Add People'}));
        await screen.findByRole('option', {name: /boris/});
        await userEvent.keyboard('{Escape}');
        server.on({'GET host:/users': {body: [ME, chen]}});
        await userEvent.click(screen.getByRole('button', {name: 'Add People'}));
        expect(await screen.findByRole('option', {name: /chen/})).toBeInTheDocument();
        expect(screen.queryByRole('option', {name: /boris/})).toBeNull();
    });

    it('keeps the row while its name is typed, and takes the press that ends it', async () => {
        openStored(aPlaybook({title: 'Outage', checklists: [aStage({items: [aTask({title: 'Look'})]})]}));
        const input = await screen.findByDisplayValue('Look');
        await userEvent.type(input, ' at it');
        await userEvent.click(screen.getByTestId('add-command'));
        expect(screen.getByDisplayValue('Look at it')).toBe(input);
        expect(screen.getByPlaceholderText('Slash Command')).toHaveFocus();
    });

    it('leaves a collapsed stage collapsed when it is renamed', async () => {
        openStored(aPlaybook({checklists: [aStage({title: 'Triage'})]}));
        const collapse = await screen.findByRole('button', {name: 'Tasks of Triage'});
        await userEvent.click(collapse);
        await userEvent.click(screen.getByText('Triage'));
        await userEvent.keyboard(' now{Enter}');
        expect(screen.getByRole('button', {name: 'Tasks of Triage now'})).toHaveAttribute('aria-expanded', 'false');
    });

    it('moves tasks by keyboard and by menu, into other stages too', async () => {
        const [a, b] = [aTask({title: 'A'}), aTask({title: 'B'})];
        openStored(aPlaybook({checklists: [aStage({title: 'One', items: [a]}), aStage({title: 'Two', items: [b]})]}));
        const handle = await screen.findByRole('button', {name: 'Move A'});
        act(() => handle.focus());
        await userEvent.keyboard('{ArrowDown}');
        const second = within(screen.getByRole('region', {name: 'Two'}));
        expect(second.getAllByPlaceholderText('Task Name').map((input) => (input as HTMLInputElement).value)).toEqual(['A', 'B']);
        await waitFor(() => expect(screen.getByRole('button', {name: 'Move A'})).toHaveFocus());
        await userEvent.click(screen.getByRole('button', {name: 'Actions for A'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Move Down'}));
        expect(second.getAllByPlaceholderText('Task Name').map((input) => (input as HTMLInputElement).value)).toEqual(['B', 'A']);
    });

    it('offers to move a row only where there is a place for it', async () => {
        openStored(aPlaybook({checklists: [aStage({title: 'One', items: [aTask({title: 'A'})]}), aStage({title: 'Two', items: [aTask({title: 'B'})]})]}));
        const moves = async (name: string) => {
            await userEvent.click(await screen.findByRole('button', {name}));
            const entries = screen.getAllByRole('menuitem').map(({textContent}) => textContent).filter((text) => text?.startsWith('Move'));
            await userEvent.keyboard('{Escape}');
            return entries;
        };
        expect(await moves('Actions for the stage One')).toEqual(['Move Down']);
        expect(await moves('Actions for A')).toEqual(['Move Down']);
        expect(await moves('Actions for the stage Two')).toEqual(['Move Up']);
        expect(await moves('Actions for B')).toEqual(['Move Up']);
    });

    it('asks before a task with content is deleted', async () => {
        openStored(aPlaybook({checklists: [aStage({items: [aTask({title: 'A'})]})]}));
        await userEvent.click(await screen.findByRole('button', {name: 'Actions for A'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Delete Task'}));
        await userEvent.click(screen.getByRole('button', {name: 'Delete Task'}));
        expect(screen.queryByDisplayValue('A')).toBeNull();
    });

    it('limits texts as the server does and counts near the end', async () => {
        openStored(aPlaybook({title: 'x'.repeat(900)}));
        await userEvent.click(await screen.findByText('x'.repeat(900)));
        expect(document.querySelector('.editable-input')).toHaveAttribute('maxlength', '1024');
        expect(screen.getByText('900 of 1024 characters')).toBeInTheDocument();
    });

    it('cuts and counts commands, in the text box of the host too', async () => {
        window.Components = {
            Textbox: ({value, onChange}) => (
                <textarea
                    value={value}
                    onChange={onChange}
                />
            ),
        };
        openStored(aPlaybook({checklists: [aStage({items: [aTask({command: '/echo hi'})]})]}));
        const field = await screen.findByDisplayValue('/echo hi');
        expect(screen.queryByText(/of 4096 characters/)).toBeNull();
        fireEvent.change(field, {target: {value: '/'.padEnd(5000, 'x')}});
        expect((field as HTMLTextAreaElement).value).toHaveLength(4096);
        expect(screen.getByText('4096 of 4096 characters')).toBeInTheDocument();
        delete window.Components;
    });
});
