import {act, fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {HostStore} from 'src/host/store';
import {chooseTab} from 'src/state/reducer';
import {anIncident, aStage, aTask, BORIS, ME} from 'src/testing/factories';
import {freshHost, goTo, happens, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer, later, page} from 'src/testing/server';
import {Incident, Task} from 'src/types/incident';
import {removeToast} from 'src/ui/toast';

let store: HostStore;

beforeEach(() => {
    freshHost();
    store = hostStore();
});

function show(incident: Incident, tab: 'summary' | 'tasks' = 'tasks') {
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, tab));
    renderWithHost(<Sidebar/>, {store});
}

const three = () => anIncident({checklists: ['One', 'Two', 'Three'].map((title) => aStage({title, items: [aTask({title: `task of ${title}`})]})), active_stage: 1});

/** Somebody takes the incident to another stage. */
async function goToStage(incident: Incident, revision: number, active: number) {
    await happens(() => incidents.receive({...incident, revision, active_stage: active, active_stage_title: incident.checklists[active]!.title}));
}

it('the stage stays while a form is open in it, and follows the current one again afterwards', async () => {
    fakeServer();
    const incident = three();
    show(incident);
    await userEvent.click(screen.getByTestId('add-task'));
    await userEvent.keyboard('Call the vendor');
    await goToStage(incident, 2, 2);
    expect(screen.getByDisplayValue('Call the vendor')).toBeInTheDocument();
    expect(screen.getByText('This is not the current stage.')).toBeInTheDocument();
    await goToStage(incident, 3, 1);
    await userEvent.click(screen.getByRole('button', {name: /^More for/}));
    await userEvent.click(screen.getByText('Edit'));
    await userEvent.click(screen.getAllByRole('button', {name: 'Cancel'})[1]!);
    await goToStage(incident, 4, 2);
    expect(screen.getByDisplayValue('task of Two')).toBeInTheDocument();
    await goToStage(incident, 5, 1);
    await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
    await goToStage(incident, 6, 2);
    expect(screen.getByText('task of Three')).toBeInTheDocument();
});

it('after its form the stage stays when it is no longer the current one', async () => {
    fakeServer();
    const incident = three();
    show(incident);
    await userEvent.click(screen.getByTestId('add-task'));
    await goToStage(incident, 2, 2);
    await userEvent.keyboard('{Escape}');
    expect(screen.getByTestId('add-task')).toHaveFocus();
    expect(screen.getByText('task of Two')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', {name: 'Show the current one'}));
    expect(screen.getByText('task of Three')).toBeInTheDocument();
});

it('of two commanders chosen after one another the second one stays', async () => {
    const incident = anIncident({commander_user_id: ''});
    const {answer, give} = later();
    const server = fakeServer({'GET host:/users': {body: [ME, BORIS]}, [`POST /incidents/${incident.id}/commander`]: () => answer});
    show(incident, 'summary');
    for (const name of [/anna/, /boris/]) {
        await userEvent.click(screen.getByTitle('Change the commander'));
        await userEvent.click(await screen.findByRole('option', {name}));
    }
    expect(screen.getByTitle('Change the commander')).toHaveTextContent('Boris Klein');
    await act(async () => give({status: 200}));
    await waitFor(() => expect(server.to('POST', `/incidents/${incident.id}/commander`).map(({body}) => body)).toEqual([{commander_id: ME.id}, {commander_id: BORIS.id}]));
});

it('a command of a task that takes long holds up no other', async () => {
    const incident = anIncident({checklists: [aStage({items: [aTask({command: '/slow'})]})]});
    const {answer} = later();
    const server = fakeServer({'POST host:/commands/execute': {body: {}}, [`POST /incidents/${incident.id}/*`]: () => answer});
    show(incident);
    await userEvent.click(screen.getByText('Run'));
    await userEvent.click(screen.getByTestId('summary'));
    await userEvent.click(screen.getByRole('button', {name: 'Update Status'}));
    await waitFor(() => expect(server.to('POST', 'host:/commands/execute').map(({body}) => body)).toMatchObject([{command: '/incident update'}]));
});

it('of the next stage, the one before and the end only one is under way', async () => {
    const {answer, give} = later();
    const server = fakeServer({'POST host:/commands/execute': () => answer});
    show(three());
    const button = screen.getByRole('button', {name: 'Next Stage'});
    const dots = screen.getByRole('button', {name: 'More actions'});
    await userEvent.click(dots);
    await userEvent.click(screen.getByText('End Incident'));
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(dots).toHaveFocus();
    expect(dots).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(dots);
    await userEvent.keyboard('{Enter}');
    expect(screen.queryByRole('menu')).not.toBeInTheDocument();
    await act(async () => give({body: {}}));
    expect(button).not.toHaveAttribute('aria-disabled');
    await userEvent.click(dots);
    expect(screen.getByRole('menu')).toBeInTheDocument();
    expect(server.calls).toHaveLength(1);
});

it('what is dragged stays what it is while others move, add and delete tasks', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((title) => aTask({title})) as [Task, Task, Task, Task];
    const incident = anIncident({checklists: [aStage({items: [a, b, c]})]});
    const stage = incident.checklists[0]!;
    const server = fakeServer({[`PUT /incidents/${incident.id}/checklists/${stage.id}/reorder`]: {}});
    show(incident);
    const shown = () => screen.getAllByRole('checkbox').map((box) => document.getElementById(box.getAttribute('aria-labelledby')!)!.textContent);
    const becomes = (revision: number, ...items: Task[]) => happens(() => incidents.receive({...incident, revision, checklists: [{...stage, items}]}));
    fireEvent(screen.getByRole('button', {name: 'Move the task a'}), new MouseEvent('pointerdown', {bubbles: true}));
    await becomes(2, d, a, b, c);
    expect(shown()).toEqual(['d', 'a', 'b', 'c']);

    // Here all rows are at the top of the page, so that this is below the last.
    fireEvent(document, new MouseEvent('pointermove', {clientY: 10}));
    expect(shown()).toEqual(['d', 'b', 'c', 'a']);
    await becomes(3, b, a);
    expect(shown()).toEqual(['b', 'a']);
    await becomes(4, a, b);
    expect(shown()).toEqual(['b', 'a']);
    fireEvent(document, new MouseEvent('pointerup'));
    await waitFor(() => expect(server.calls.map(({body}) => body)).toEqual([{item_id: a.id, item_num: 0, new_location: 1}]));

    await becomes(5, b, a);
    fireEvent(screen.getByRole('button', {name: 'Move the task b'}), new MouseEvent('pointerdown', {bubbles: true}));
    fireEvent(document, new MouseEvent('pointermove', {clientY: 10}));
    await becomes(6, a, c);
    expect(shown()).toEqual(['a', 'c']);
    fireEvent(document, new MouseEvent('pointerup'));
    expect(server.calls).toHaveLength(1);
});

it('a change that fails after its control has left the screen still shows an error', async () => {
    const incident = three();
    const {answer, give} = later();
    const server = fakeServer({[`PUT /incidents/${incident.id}/*`]: () => answer, 'GET /incidents': page([incident])});
    show(incident);
    await userEvent.click(screen.getByRole('checkbox'));
    goTo(store, 'elsewhere');
    await act(async () => give({status: 403, body: {error: 'You are not in this channel.'}}));
    expect(screen.getByText('The task could not be changed. You are not in this channel.')).toHaveAttribute('role', 'alert');
    removeToast();

    goTo(store, incident.channel_id);
    server.on({'POST host:/commands/execute': {status: 500}});
    await userEvent.click(screen.getByRole('button', {name: 'Next Stage'}));
    expect(document.querySelector('#incidentRHSFooter [role=alert]')).toHaveTextContent('The incident could not be changed.');
    expect(screen.getAllByRole('alert')).toHaveLength(1);
});

it('the foot has one button, also when it tells of a failure', async () => {
    const incident = anIncident();
    const server = fakeServer({'POST host:/commands/execute': {status: 500}});
    show(incident, 'summary');
    const buttons = () => document.querySelectorAll('#incidentRHSFooter button');
    await userEvent.click(screen.getByRole('button', {name: 'Update Status'}));
    expect(await screen.findByRole('alert')).toHaveTextContent('The status update could not be opened.');
    expect(buttons()).toHaveLength(1);
    server.on({'POST host:/commands/execute': {body: {}}});
    await userEvent.click(screen.getByRole('button', {name: 'Update Status'}));
    await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
});
