import {act, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {HostStore} from 'src/host/store';
import {chooseTab} from 'src/state/reducer';
import {anIncident, aStage, aTask, TOWN_SQUARE} from 'src/testing/factories';
import {freshHost, goTo, happens, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer, later, page} from 'src/testing/server';
import {Incident, Task} from 'src/types/incident';

let store: HostStore;
let incident: Incident;
let task: Task;

beforeEach(() => {
    freshHost();
    store = hostStore();
    task = aTask({title: 'Old', description: 'as it was'});
    incident = anIncident({checklists: [aStage({title: 'One', items: [task]}), aStage({title: 'Two', items: [aTask({title: 'task of Two'})]})]});
});

const url = (rest: string) => `/incidents/${incident.id}/checklists/${incident.checklists[0]!.id}${rest}`;

function show() {
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, 'tasks'));
    return renderWithHost(<><input aria-label='message'/><Sidebar/></>, {store});
}

/** Somebody changes the tasks of the first stage. */
async function becomes(revision: number, ...items: Task[]) {
    const [first, second] = incident.checklists;
    await happens(() => incidents.receive({...incident, revision, checklists: [{...first!, items}, second!]}));
}

async function editTask() {
    await userEvent.click(screen.getByRole('button', {name: 'More for the task Old'}));
    await userEvent.click(screen.getByText('Edit'));
}

describe('what is typed in the form of a task', () => {
    it('says at once that a command starts with a slash', async () => {
        fakeServer({'GET /incidents': page([])});
        show();
        await userEvent.click(screen.getByTestId('add-task'));
        const field = screen.getByLabelText('Slash command (optional)');
        expect(field).not.toHaveAttribute('aria-invalid');
        await userEvent.type(field, 'echo');
        expect(field).toHaveAttribute('aria-invalid', 'true');
        expect(screen.getByText('A slash command starts with /.')).toBeVisible();
        await userEvent.clear(field);
        await userEvent.type(field, '/echo');
        expect(field).not.toHaveAttribute('aria-invalid');
    });

    it('is still there after another tab, stage and channel, and takes no focus then', async () => {
        fakeServer({'GET /incidents': page([])});
        show();
        await userEvent.click(screen.getByTestId('add-task'));
        await userEvent.keyboard('Call the vendor');
        await editTask();
        await userEvent.type(screen.getAllByLabelText('Name')[0]!, 'er');
        const found = () => screen.getAllByLabelText('Name').map((field) => (field as HTMLInputElement).value);
        await userEvent.click(screen.getByTestId('summary'));
        expect(screen.queryByLabelText('Name')).not.toBeInTheDocument();
        await userEvent.click(screen.getByTestId('tasks'));
        expect(found()).toEqual(['Older', 'Call the vendor']);
        await userEvent.selectOptions(screen.getByRole('combobox'), incident.checklists[1]!.id);
        await userEvent.click(screen.getByRole('button', {name: 'Show the current one'}));
        expect(found()).toEqual(['Older', 'Call the vendor']);
        goTo(store, TOWN_SQUARE.id);
        await happens(() => incidents.receive({...incident, revision: 2, active_stage: 1, active_stage_title: 'Two'}));
        screen.getByLabelText('message').focus();
        goTo(store, incident.channel_id);
        expect(found()).toEqual(['Older', 'Call the vendor']);
        expect(screen.getByLabelText('message')).toHaveFocus();
    });

    it('is sent once, also when its place goes and comes meanwhile, and stays with the reason when that fails', async () => {
        const {answer, give} = later();
        const server = fakeServer({[`PUT ${url('/add')}`]: () => answer});
        show();
        await userEvent.click(screen.getByTestId('add-task'));
        await userEvent.keyboard('Call the vendor{Enter}');
        await userEvent.click(screen.getByTestId('summary'));
        await userEvent.click(screen.getByTestId('tasks'));
        expect(screen.getByRole('button', {name: 'Save'})).toHaveAttribute('aria-disabled', 'true');
        await userEvent.click(screen.getByTestId('summary'));
        await act(async () => give({status: 500}));
        await userEvent.click(screen.getByTestId('tasks'));
        expect(screen.getByRole('alert')).toHaveTextContent('The task could not be saved.');
        server.on({[`PUT ${url('/add')}`]: {status: 201}});
        await userEvent.click(screen.getByRole('button', {name: 'Save'}));
        await waitFor(() => expect(screen.queryByLabelText('Name')).not.toBeInTheDocument());
        expect(server.calls).toHaveLength(2);
    });

    it('takes nothing back that somebody else has changed in other fields', async () => {
        const server = fakeServer({[`PUT ${url(`/item/${task.id}`)}`]: {}});
        show();
        await editTask();
        await userEvent.type(screen.getByLabelText('Name'), 'er');
        await becomes(2, {...task, title: 'Renamed', description: 'as somebody says'});
        expect(screen.getByLabelText('Name')).toHaveValue('Older');
        expect(screen.getByLabelText(/^Description/)).toHaveValue('as somebody says');
        await userEvent.keyboard('{Enter}');
        await waitFor(() => expect(server.calls.map(({body}) => body)).toEqual([{title: 'Older', command: '', description: 'as somebody says'}]));
    });

    it('can become a new task when somebody has deleted the one', async () => {
        const server = fakeServer({[`PUT ${url('/add')}`]: {status: 201}});
        show();
        await editTask();
        await userEvent.type(screen.getByLabelText(/^Description/), ', at length');
        await becomes(2);
        expect(screen.getByRole('alert')).toHaveTextContent('Somebody has deleted this task.');
        await userEvent.click(screen.getByRole('button', {name: 'Save'}));
        await waitFor(() => expect(screen.queryByLabelText('Name')).not.toBeInTheDocument());
        expect(server.calls.map(({body}) => body)).toEqual([{title: 'Old', command: '', description: 'as it was, at length'}]);
    });
});

it('a form that closes when it is saved leaves the focus where the user has put it', async () => {
    const {answer, give} = later();
    fakeServer({[`PUT ${url('/add')}`]: () => answer});
    show();
    await userEvent.click(screen.getByTestId('add-task'));
    await userEvent.keyboard('Call the vendor{Enter}');
    await userEvent.click(screen.getByLabelText('message'));
    await act(async () => give({status: 201}));
    await waitFor(() => expect(screen.queryByLabelText('Name')).not.toBeInTheDocument());
    expect(screen.getByLabelText('message')).toHaveFocus();
});
