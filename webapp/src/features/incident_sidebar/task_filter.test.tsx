import {screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {HostStore} from 'src/host/store';
import {chooseTab} from 'src/state/reducer';
import {anIncident, aStage, aTask, BORIS, ME} from 'src/testing/factories';
import {freshHost, goTo, happens, hostStore, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {fakeServer} from 'src/testing/server';
import {Incident, Task} from 'src/types/incident';

let store: HostStore;

beforeEach(() => {
    freshHost();
    store = hostStore();
});

const COMMUNICATIONS = {key: 'communications', name: 'Communications', description: '', holder_id: '', since: 0};
const ofRole = {kind: 'role', role: COMMUNICATIONS.key} as const;

function show(incident: Incident) {
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, 'tasks'));
    return renderWithHost(<Sidebar/>, {store});
}

const withTasks = (...tasks: Array<Partial<Task>>) => anIncident({checklists: [aStage({items: tasks.map(aTask)})]});
const withRole = (incident: Incident): Incident => ({...incident, roles: {roles: [COMMUNICATIONS]}});
const titles = () => screen.queryAllByTestId('task').map((task) => task.querySelector('[title]')?.getAttribute('title'));
const filters = () => screen.getByRole('group', {name: 'Which tasks are shown'});
const choose = (name: string) => userEvent.click(within(filters()).getByRole('button', {name}));
const url = (incident: Incident, index: number, rest: string) => {
    const stage = incident.checklists[0]!;
    return `/incidents/${incident.id}/checklists/${stage.id}${rest.replace('TASK', stage.items[index]!.id)}`;
};

const noFilters = () => expect(screen.queryByRole('group', {name: 'Which tasks are shown'})).not.toBeInTheDocument();

it.each<[string, Partial<Task>, Partial<Incident>]>([
    ['without assignees', {}, {}],
    ['whose tasks were assigned by hand', {assignee_id: ME.id}, {}],
    ['of which only command is offered', {assignee_id: ME.id}, {roles: {roles: [], handoff: {id: 'h', to_user_id: BORIS.id, by_user_id: ME.id, at: 1, expires_at: Date.now() + 60_000}}}],
])('an incident %s has no filters', (_which, task, values) => {
    fakeServer();
    show({...withTasks(task, {}), ...values});
    noFilters();
});

it('an incident without filters shows all tasks, whatever was chosen in another one', async () => {
    fakeServer();
    const {unmount} = show(withRole(withTasks({title: 'a', assignee_id: BORIS.id})));
    await choose('Mine');
    unmount();
    show(withTasks({title: 'b', assignee_id: BORIS.id}));
    noFilters();
    expect(titles()).toEqual(['b']);
});

it('an incident with roles, or with a task that the playbook has assigned, has filters', () => {
    fakeServer();
    const {unmount} = show(withRole(withTasks({})));
    expect(filters()).toBeInTheDocument();
    unmount();
    show(withTasks({}, {assignment: {kind: 'commander'}}));
    expect(filters()).toBeInTheDocument();
});

describe('filters', () => {
    const tasks = [{title: 'a', assignee_id: ME.id}, {title: 'b', assignee_id: BORIS.id}, {title: 'c'}, {title: 'd', assignee_id: ME.id}];

    it('show mine and those without anybody', async () => {
        fakeServer();
        show(withRole(withTasks(...tasks)));
        expect(within(filters()).getByRole('button', {name: 'All'})).toHaveAttribute('aria-pressed', 'true');
        await choose('Mine');
        expect(titles()).toEqual(['a', 'd']);
        await choose('Unassigned');
        expect(titles()).toEqual(['c']);
        expect(within(filters()).getByRole('button', {name: 'Unassigned'})).toHaveAttribute('aria-pressed', 'true');
        await choose('All');
        expect(titles()).toEqual(['a', 'b', 'c', 'd']);
    });

    it('are kept over a reload, for the same user', async () => {
        fakeServer();
        const incident = withRole(withTasks(...tasks));
        const {unmount} = show(incident);
        await choose('Mine');
        unmount();
        show(incident);
        expect(titles()).toEqual(['a', 'd']);
    });

    it('say what is not shown', async () => {
        fakeServer();
        show(withRole(anIncident({checklists: [aStage({items: [aTask()]}), aStage({title: 'Two', items: [aTask({assignee_id: ME.id}), aTask({assignee_id: ME.id, state: 'closed'})]})]})));
        await choose('Mine');
        expect(screen.getByText('No task of this stage is yours.')).toBeInTheDocument();
        expect(screen.getByText('1 not finished in other stages')).toBeInTheDocument();
    });

    it('move a task to the place of the one that is shown there', async () => {
        const incident = withRole(withTasks(...tasks));
        const server = fakeServer({[`PUT ${url(incident, 0, '/reorder')}`]: {body: {}}});
        show(incident);
        await choose('Mine');
        await userEvent.click(within(screen.getAllByTestId('task')[0]!).getByRole('button', {name: /^More for/}));
        await userEvent.click(screen.getByText('Move Down'));
        await waitFor(() => expect(server.to('PUT', url(incident, 0, '/reorder'))[0]?.body).toMatchObject({item_num: 0, new_location: 3}));
        expect(titles()).toEqual(['d', 'a']);
    });

    it('show all again after a new task, which is nobody’s', async () => {
        const incident = withRole(withTasks(...tasks));
        fakeServer({[`PUT ${url(incident, 0, '/add')}`]: {body: {}}});
        show(incident);
        await choose('Mine');
        await userEvent.click(screen.getByTestId('add-task'));
        await userEvent.keyboard('e{Enter}');
        await waitFor(() => expect(titles()).toEqual(['a', 'b', 'c', 'd']));
    });

    it('leave an open form alone', async () => {
        fakeServer();
        const incident = withRole(withTasks({title: 'a', assignee_id: ME.id}));
        show(incident);
        await choose('Mine');
        await userEvent.click(screen.getByRole('button', {name: /^More for/}));
        await userEvent.click(screen.getByText('Edit'));
        const [stage] = incident.checklists;
        await happens(() => incidents.receive({...incident, revision: 2, checklists: [{...stage!, items: [{...stage!.items[0]!, assignee_id: ''}]}]}));
        expect(screen.getByDisplayValue('a')).toBeInTheDocument();
    });
});

describe('a task that belongs to a role', () => {
    it('says that the role is empty, and is without an assignee', async () => {
        fakeServer();
        show(withRole(withTasks({title: 'a', assignment: ofRole}, {title: 'b', assignee_id: ME.id})));
        expect(screen.getByText('Communications (nobody yet)')).toBeInTheDocument();
        await choose('Unassigned');
        expect(titles()).toEqual(['a']);
    });

    it('names role and holder, and loses the role when it is assigned by hand', async () => {
        const incident = {
            ...withTasks({assignment: ofRole, assignee_id: ME.id}),
            roles: {roles: [{...COMMUNICATIONS, holder_id: ME.id, since: 1}]},
        };
        const server = fakeServer({'GET host:/users': {body: [BORIS, ME]}, [`PUT ${url(incident, 0, '/item/TASK/assignee')}`]: {body: {}}});
        show(incident);
        expect(screen.getByText('Communications')).toBeInTheDocument();
        await userEvent.click(screen.getByTitle('Assignee'));
        await userEvent.click((await screen.findAllByRole('option'))[1]!);
        expect(await screen.findByText('Boris Klein')).toBeInTheDocument();
        expect(screen.queryByText('Communications')).not.toBeInTheDocument();
        expect(server.to('PUT', url(incident, 0, '/item/TASK/assignee'))[0]?.body).toEqual({assignee_id: BORIS.id});
    });

    it('is the commander’s, and follows to the next one at once', async () => {
        const incident = withTasks({title: 'a', assignment: {kind: 'commander'}, assignee_id: ME.id});
        fakeServer({'GET host:/users': {body: [BORIS, ME]}, [`POST /incidents/${incident.id}/commander`]: {body: {}}});
        show(incident);
        expect(screen.getByText('Commander')).toBeInTheDocument();
        await userEvent.click(screen.getByTestId('summary'));
        await userEvent.click(screen.getByTitle('Change the commander'));
        await userEvent.click((await screen.findAllByRole('option'))[1]!);
        await userEvent.click(screen.getByTestId('tasks'));
        expect(within(screen.getByTestId('task')).getByText('Boris Klein')).toBeInTheDocument();
    });

    it('names a person who could not be added', () => {
        fakeServer();
        show(withTasks({assignment: {kind: 'user', user_id: BORIS.id}}));
        expect(screen.getByText(/^Meant for/)).toHaveTextContent('Meant for Boris Klein, who could not be added to the channel.');
    });
});

describe('handing over command', () => {
    const open = async (incident: Incident) => {
        fakeServer({'GET host:/users': {body: [BORIS, ME]}});
        show(incident);
        await userEvent.click(screen.getByTestId('summary'));
        await userEvent.click(screen.getByTitle('Change the commander'));
        await screen.findAllByRole('option');
        return screen.queryByRole('button', {name: 'Hand over command…'});
    };

    it('is offered to the commander, in the list of people', async () => {
        const button = await open(anIncident());
        await userEvent.click(button!);
        const dialog = await screen.findByRole('dialog', {name: 'Hand over command'});
        await within(dialog).findByRole('option', {name: /boris/});
        expect(within(dialog).queryByRole('option', {name: /anna/})).not.toBeInTheDocument();
    });

    it.each([
        ['to others', {commander_user_id: BORIS.id}],
        ['while an offer is pending', {roles: {roles: [], handoff: {id: 'h', to_user_id: BORIS.id, by_user_id: ME.id, at: 1, expires_at: Date.now() + 60_000}}}],
        ['after the end', {is_active: false, end_at: Date.now()}],
    ])('is not offered %s', async (_, values) => {
        expect(await open(anIncident(values))).toBeNull();
    });
});
