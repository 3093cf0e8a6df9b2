import {act, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {isForeign, withoutHidden} from 'src/features/incident_sidebar/ask_before_run';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {chooseTab} from 'src/state/reducer';
import {aStage, aTask, anIncident, BORIS, ME} from 'src/testing/factories';
import {freshHost, goTo, happens, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {Incident, Task} from 'src/types/incident';

const LONG = `/echo ${'a rather long command that is cut '.repeat(20)}~secret`;
const foreign: Partial<Task> = {command: LONG, command_last_editor_id: BORIS.id, command_edited_at: 2000};
let incident: Incident;

beforeEach(() => {
    freshHost();
});

function show(task: Partial<Task>) {
    const server = fakeServer();
    const store = hostStore();
    incident = anIncident({checklists: [aStage({items: [aTask(task)]})]});
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, 'tasks'));
    renderWithHost(<Sidebar/>, {store});
    const stage = incident.checklists[0]!;
    const path = `/incidents/${incident.id}/checklists/${stage.id}/item/${stage.items[0]!.id}/run`;
    server.on({[`POST ${path}`]: {body: {trigger_id: ''}}});
    return {server, path, sent: () => server.to('POST', path).map(({body}) => body)};
}

function changed(task: Partial<Task>): Incident {
    const [stage] = incident.checklists;
    return {...incident, revision: incident.revision + 1, checklists: [{...stage!, items: [{...stage!.items[0]!, ...task}]}]};
}

const run = () => userEvent.click(document.querySelector('.run')!);
const dialog = () => screen.queryByRole('dialog', {name: 'Run this command as yourself?'});

describe('who is asked before a command runs', () => {
    const mine = {command_last_editor_id: ME.id, command_edited_at: 2000};
    it.each<[string, boolean, Partial<Task>]>([
        ['I wrote it', false, mine],
        ['I wrote it, and somebody else ran it', false, {...mine, command_last_runner_id: BORIS.id, command_last_run: 3000}],
        ['somebody else wrote it', true, foreign],
        ['somebody else wrote it, and ran it', true, {...foreign, command_last_runner_id: BORIS.id, command_last_run: 3000}],
        ['somebody else wrote it, and I ran it', false, {...foreign, command_last_runner_id: ME.id, command_last_run: 3000}],
        ['somebody else changed it after I ran it', true, {...foreign, command_last_runner_id: ME.id, command_last_run: 1999}],
        ['nobody knows who wrote it', true, {command_last_editor_id: '', command_edited_at: 0}],
        ['the server does not say who wrote it', true, {}],
        ['nobody knows who wrote it, and I ran it', false, {command_last_runner_id: ME.id, command_last_run: 3000}],
    ])('%s: %s', (_, asks, task) => {
        expect(isForeign(aTask({command: '/echo', ...task}), ME.id)).toBe(asks);
    });
});

it('the whole command and its writer are shown, and nothing runs before it is confirmed', async () => {
    const {sent} = show(foreign);
    await run();
    expect(dialog()).toBeInTheDocument();
    expect(screen.getByTestId('whole-command')).toHaveTextContent(LONG);
    expect(screen.getByTestId('command-writer')).toHaveTextContent('Written by Boris Klein (@boris)');
    expect(sent()).toEqual([]);

    // Who holds Enter down on Run must not confirm what was not read.
    expect(screen.getByRole('button', {name: 'Cancel'})).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(dialog()).not.toBeInTheDocument();
    expect(sent()).toEqual([]);

    await run();
    await userEvent.click(screen.getByText(/^It runs in your name/));
    await userEvent.keyboard('{Enter}');
    expect(sent()).toEqual([]);
    await userEvent.click(screen.getByRole('button', {name: 'Run Command'}));
    expect(dialog()).not.toBeInTheDocument();
    expect(sent()).toEqual([{command: LONG}]);
});

it('one that I wrote runs at once', async () => {
    const {sent} = show({command: '/echo hi', command_last_editor_id: ME.id});
    await run();
    expect(dialog()).not.toBeInTheDocument();
    expect(sent()).toEqual([{command: '/echo hi'}]);
});

it('the command that was shown is confirmed, also when it has changed since', async () => {
    const {server, path, sent} = show(foreign);
    await run();
    const now = changed({command: '/invite @me ~secret', command_edited_at: 5000});
    await happens(() => incidents.receive(now));
    expect(screen.getByTestId('whole-command')).toHaveTextContent(LONG);
    server.on({
        [`POST ${path}`]: {status: 409, body: {error: 'The command was changed meanwhile.', code: 'task.command_changed'}},
        [`GET /incidents/channel/${incident.channel_id}`]: {body: now},
    });
    await userEvent.click(screen.getByRole('button', {name: 'Run Command'}));
    expect(sent()).toEqual([{command: LONG}]);
    await waitFor(() => expect(screen.getByTestId('whole-command')).toHaveTextContent('/invite @me ~secret'));
    expect(screen.getByRole('alert')).toHaveTextContent('The command did not run. The command was changed meanwhile.');
    server.on({[`POST ${path}`]: {body: {}}});
    await userEvent.click(screen.getByRole('button', {name: 'Run Command'}));
    expect(sent()).toEqual([{command: LONG}, {command: '/invite @me ~secret'}]);
});

it('one of mine that was changed before the event came is asked about', async () => {
    const {server, path} = show({command: '/echo hi', command_last_editor_id: ME.id});
    const {answer, give} = later();
    server.on({
        [`POST ${path}`]: {status: 409, body: {error: 'Changed.', code: 'task.command_changed'}},
        [`GET /incidents/channel/${incident.channel_id}`]: () => answer,
    });
    await run();
    await act(async () => give({body: changed({command: '/leave', command_last_editor_id: BORIS.id})}));
    await waitFor(() => expect(screen.getByTestId('whole-command')).toHaveTextContent('/leave'));
});

it('a command that has been deleted is not confirmed', async () => {
    const {server, path} = show(foreign);
    await run();
    server.on({
        [`POST ${path}`]: {status: 409, body: {error: 'Changed.', code: 'task.command_changed'}},
        [`GET /incidents/channel/${incident.channel_id}`]: {body: {...incident, revision: 2, checklists: []}},
    });
    await userEvent.click(screen.getByRole('button', {name: 'Run Command'}));
    await waitFor(() => expect(document.querySelector('.run')).toBeNull());
    expect(dialog()).not.toBeInTheDocument();
});

it('the chip tells the whole command, and shows it when it is pressed', async () => {
    show(foreign);
    const chip = document.querySelector('code')!;
    expect(chip).toHaveAttribute('title', LONG);
    const button = screen.getByRole('button', {name: LONG});
    expect(button).toHaveAttribute('aria-expanded', 'false');
    await userEvent.click(button);
    expect(button).toHaveAttribute('aria-expanded', 'true');
    expect(chip).toHaveClass('wholeChip');
});

it.each([
    ['/echo a\u202eb', '/echo a[U+202E]b'],
    ['/echo a\u200bb\u2066c\u00adc', '/echo a[U+200B]b[U+2066]c[U+00AD]c'],
    ['/echo \u0007\u007f', '/echo [U+0007][U+007F]'],
    ['/echo 👩‍💻 می‌خواهم\n\tline', '/echo 👩‍💻 می‌خواهم\n\tline'],
])('hidden characters of %j are written out', (command, shown) => {
    expect(withoutHidden(command)).toBe(shown);
});
