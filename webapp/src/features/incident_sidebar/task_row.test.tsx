import {act, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {Profiler} from 'react';
import {beforeEach, expect, it} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {HostStore} from 'src/host/store';
import {chooseTab} from 'src/state/reducer';
import {anIncident, aStage, aTask, BORIS, ME} from 'src/testing/factories';
import {freshHost, goTo, happens, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {Incident, Task} from 'src/types/incident';

let push: ReturnType<typeof freshHost>['push'];
let store: HostStore;
let incident: Incident;

beforeEach(() => {
    ({push} = freshHost());
    store = hostStore();
});

function show(...tasks: Array<Partial<Task>>) {
    incident = anIncident({checklists: [aStage({items: tasks.map(aTask)})]});
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, 'tasks'));
    return renderWithHost(<Sidebar/>, {store});
}

const taskUrl = (index: number, rest = '') => {
    const stage = incident.checklists[0]!;
    return `/incidents/${incident.id}/checklists/${stage.id}/item/${stage.items[index]!.id}${rest}`;
};
const row = (index: number) => screen.getAllByTestId('task')[index]!;
const titles = () => screen.getAllByTestId('task').map((task) => task.querySelector('[title]')?.getAttribute('title'));

it('a task is checked at once by its labelled box', async () => {
    const server = fakeServer();
    show({title: 'Call **Boris**'});
    const {answer, give} = later();
    server.on({[`PUT ${taskUrl(0, '/state')}`]: () => answer});
    const box = screen.getByRole('checkbox', {name: 'Call Boris'});
    expect(box).toHaveClass('checkbox');
    await userEvent.click(box);
    expect(box).toBeChecked();
    await act(async () => give({body: {}}));
    expect(box).toBeChecked();
});

it('a check that fails is undone and explained at the task', async () => {
    const server = fakeServer();
    show({});
    server.on({[`PUT ${taskUrl(0, '/state')}`]: {status: 403, body: {error: 'You are not in this channel.'}}});
    await userEvent.click(screen.getByRole('checkbox'));
    expect(await within(row(0)).findByRole('alert')).toHaveTextContent('The task could not be changed. You are not in this channel.');
    expect(screen.getByRole('checkbox')).not.toBeChecked();
});

it('work in progress is shown, can be set, and is finished by the box', async () => {
    const server = fakeServer();
    show({state: 'in_progress'}, {});
    server.on({[`PUT ${taskUrl(0, '/state')}`]: {body: {}}, [`PUT ${taskUrl(1, '/state')}`]: {body: {}}});
    const box = within(row(0)).getByRole<HTMLInputElement>('checkbox');
    expect(box.indeterminate).toBe(true);
    expect(within(row(0)).getByText('In progress')).toBeInTheDocument();
    await userEvent.click(box);
    expect(server.calls[0]?.body).toEqual({new_state: 'closed'});
    await userEvent.click(within(row(1)).getByRole('button', {name: /^More for/}));
    await userEvent.click(screen.getByText('Mark as In Progress'));
    expect(server.to('PUT', taskUrl(1, '/state'))[0]?.body).toEqual({new_state: 'in_progress'});
});

it('a task is assigned and the assignment removed', async () => {
    const server = fakeServer({'GET host:/users': {body: [BORIS, ME]}});
    show({});
    server.on({[`PUT ${taskUrl(0, '/assignee')}`]: {body: {}}});
    await userEvent.click(screen.getByText('No Assignee'));
    const options = await screen.findAllByRole('option');
    expect(options[0]).toHaveTextContent('@anna Anna Berg (assigns you)');
    await userEvent.click(options[1]!);
    expect(await within(row(0)).findByText('Boris Klein')).toBeInTheDocument();
    await userEvent.click(document.querySelector('.Assigned-button')!);
    await userEvent.click(await screen.findByRole('button', {name: 'No Assignee'}));
    await waitFor(() => expect(server.to('PUT', taskUrl(0, '/assignee')).map(({body}) => body)).toEqual([{assignee_id: BORIS.id}, {}]));
});

it('a command runs once until it is answered; its dialog belongs to this tab', async () => {
    const server = fakeServer();
    show({command: '/echo hi', command_last_editor_id: ME.id});
    const {answer, give} = later();
    server.on({[`POST ${taskUrl(0, '/run')}`]: () => answer});
    const run = screen.getByText('Run');
    expect(run).toHaveClass('run');
    await userEvent.click(run);
    await userEvent.click(run);
    expect(run).toHaveAttribute('aria-disabled', 'true');
    expect(server.to('POST', taskUrl(0, '/run')).map(({body}) => body)).toEqual([{command: '/echo hi'}]);
    await act(async () => give({body: {trigger_id: 't'}}));
    expect(run).not.toHaveAttribute('aria-disabled');
});

it('the time of the last run is shown', () => {
    fakeServer();
    show({command: '/echo hi', command_last_run: Date.now() - (5 * 60 * 1000)});
    expect(document.querySelector('.run')).toHaveTextContent(/^Rerun$/);
    expect(screen.getByText('5m ago')).toHaveAttribute('title');
});

it('a command that fails leaves the word and says why', async () => {
    const server = fakeServer();
    show({command: '/nope', command_last_editor_id: ME.id});
    server.on({[`POST ${taskUrl(0, '/run')}`]: {status: 400, body: {error: 'There is no command /nope.'}}});
    await userEvent.click(screen.getByText('Run'));
    expect(await screen.findByRole('alert')).toHaveTextContent('The command did not run. There is no command /nope.');
    expect(document.querySelector('.run')).toHaveTextContent(/^Run$/);
});

it('the time of a finished task is a link only when there is a post', async () => {
    fakeServer();
    show({state: 'closed', state_modified: Date.now(), state_modified_post_id: 'post1'}, {state: 'closed', state_modified: Date.now()}, {});
    expect(within(row(1)).queryByRole('link')).not.toBeInTheDocument();
    expect(within(row(2)).queryByText(/^\(/)).not.toBeInTheDocument();
    await userEvent.click(within(row(0)).getByRole('link'));
    expect(push).toHaveBeenCalledWith('/_redirect/pl/post1');
});

it('the description opens, its links navigate in the client, and Escape closes it', async () => {
    fakeServer();
    show({description: 'ask in ~town-square'});
    const icon = screen.getByRole('button', {name: /^Description of/});
    await userEvent.click(icon);
    expect(screen.getByRole('dialog', {name: 'Task description'})).toHaveAttribute('id', 'info-icon');
    await userEvent.click(screen.getByText('~town-square'));
    expect(push).toHaveBeenCalledWith('/ad-1/channels/town-square');
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(icon).toHaveFocus();
});

it('a task is added', async () => {
    const server = fakeServer();
    show({});
    server.on({[`PUT /incidents/${incident.id}/checklists/${incident.checklists[0]!.id}/add`]: {status: 201}});
    await userEvent.click(screen.getByTestId('add-task'));
    expect(screen.getByLabelText('Name')).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(screen.getByText('The task needs a name.')).toBeInTheDocument();
    await userEvent.keyboard('Restart the database{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Name')).not.toBeInTheDocument());
    expect(screen.getByTestId('add-task')).toHaveFocus();
    expect(server.calls.at(-1)?.body ?? server.calls[0]?.body).toEqual({title: 'Restart the database', command: '', description: ''});
});

it('a task is edited in place; its fields have limits', async () => {
    const server = fakeServer();
    show({title: 'Old', command: '/echo', description: 'why'});
    server.on({[`PUT ${taskUrl(0)}`]: {}});
    await userEvent.click(screen.getByRole('button', {name: /^More for/}));
    await userEvent.click(screen.getByText('Edit'));
    const name = screen.getByLabelText('Name');
    expect(name).toHaveAttribute('maxlength');
    await userEvent.clear(name);
    await userEvent.type(name, 'New');
    await userEvent.click(screen.getByRole('button', {name: 'Save'}));
    await waitFor(() => expect(titles()).toEqual(['New']));
    expect(screen.getByRole('button', {name: /^More for/})).toHaveFocus();
    expect(server.to('PUT', taskUrl(0))[0]?.body).toEqual({title: 'New', command: '/echo', description: 'why'});
});

it('deleting asks first, and one press of Enter deletes once', async () => {
    const server = fakeServer();
    show({title: 'a'}, {title: 'b'});
    const {answer, give} = later();
    server.on({[`DELETE ${taskUrl(0)}`]: () => answer});
    await userEvent.click(within(row(0)).getByRole('button', {name: /^More for/}));
    await userEvent.click(screen.getByText('Delete'));
    expect(document.getElementById('confirmModalButton')).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await act(async () => give({status: 204}));
    await waitFor(() => expect(titles()).toEqual(['b']));
    expect(server.to('DELETE', taskUrl(0))).toHaveLength(1);
    await waitFor(() => expect(screen.getByRole('checkbox', {name: 'b'})).toHaveFocus());
});

it('the focus goes to the nearest task that is left when somebody else deletes the one that has it', async () => {
    fakeServer();
    show({title: 'a'}, {title: 'b'}, {title: 'c'});
    const leave = (...left: string[]) => happens(() => {
        const [stage] = incident.checklists;
        incident = {...incident, revision: incident.revision + 1, checklists: [{...stage!, items: stage!.items.filter(({title}) => left.includes(title))}]};
        incidents.receive(incident);
    });
    within(row(1)).getByRole('button', {name: /^More for/}).focus();
    await leave('a', 'c');
    expect(screen.getByRole('checkbox', {name: 'c'})).toHaveFocus();
    await leave('a');
    expect(screen.getByRole('checkbox', {name: 'a'})).toHaveFocus();
    await leave();
    expect(screen.getByTestId('add-task')).toHaveFocus();
});

it('the focus stays where it is when somebody else deletes a task that does not have it', async () => {
    fakeServer();
    show({title: 'a'}, {title: 'b'});
    screen.getByRole('checkbox', {name: 'a'}).focus();
    const [stage] = incident.checklists;
    await happens(() => incidents.receive({...incident, revision: incident.revision + 1, checklists: [{...stage!, items: stage!.items.slice(0, 1)}]}));
    await waitFor(() => expect(titles()).toEqual(['a']));
    expect(screen.getByRole('checkbox', {name: 'a'})).toHaveFocus();
});

it('a task that cannot be deleted stays, and the question says why', async () => {
    const server = fakeServer();
    show({title: 'a'});
    server.on({[`DELETE ${taskUrl(0)}`]: {status: 409, body: {error: 'Somebody else was quicker.'}}});
    await userEvent.click(screen.getByRole('button', {name: /^More for/}));
    await userEvent.click(screen.getByText('Delete'));
    await userEvent.click(screen.getByRole('button', {name: 'Delete Task'}));
    expect(await screen.findByRole('alert')).toHaveTextContent('The task could not be deleted. Somebody else was quicker.');
    expect(titles()).toEqual(['a']);
});

const press = (name: string) => userEvent.click(screen.getByRole('button', {name}));

it('a task that is being added can neither be changed nor given up, and its answer closes no other form', async () => {
    const server = fakeServer();
    show({});
    const {answer, give} = later();
    server.on({[`PUT /incidents/${incident.id}/checklists/${incident.checklists[0]!.id}/add`]: () => answer});
    await userEvent.click(screen.getByTestId('add-task'));
    await userEvent.keyboard('First{Enter}{Escape} and more');
    await press('Cancel');
    expect(screen.getByLabelText('Name')).toHaveValue('First');
    expect(screen.getByRole('button', {name: 'Save'})).toHaveAttribute('aria-disabled', 'true');
    await act(async () => give({status: 500}));
    expect(screen.getByRole('alert')).toHaveTextContent('The task could not be saved.');
    server.on({[`PUT /incidents/${incident.id}/checklists/${incident.checklists[0]!.id}/add`]: {status: 201}});
    await userEvent.type(screen.getByLabelText('Name'), ' and more{Enter}');
    await waitFor(() => expect(screen.queryByLabelText('Name')).not.toBeInTheDocument());
    expect(server.calls.map(({body}) => body)).toMatchObject([{title: 'First'}, {title: 'First and more'}]);
});

it('what is typed in a task stays in its form until it is saved', async () => {
    const server = fakeServer();
    show({title: 'Old'});
    const {answer, give} = later();
    server.on({[`PUT ${taskUrl(0)}`]: () => answer});
    await userEvent.click(screen.getByRole('button', {name: /^More for/}));
    await userEvent.click(screen.getByText('Edit'));
    await userEvent.type(screen.getByLabelText('Name'), 'er{Enter}{Escape}');
    await press('Cancel');
    expect(screen.getByLabelText('Name')).toHaveValue('Older');
    await act(async () => give({status: 204}));
    expect(titles()).toEqual(['Older']);
});

it('a box that is pressed again before the answer follows every press', async () => {
    const server = fakeServer();
    show({});
    const {answer, give} = later();
    server.on({[`PUT ${taskUrl(0, '/state')}`]: () => answer});
    const box = screen.getByRole('checkbox');
    await userEvent.click(box);
    await userEvent.click(box);
    expect(box).not.toBeChecked();
    await act(async () => give({status: 204}));
    await waitFor(() => expect(server.calls.map(({body}) => body)).toEqual([{new_state: 'closed'}, {new_state: ''}]));
    expect(box).not.toBeChecked();
});

it('the failure of one press stays when another one after it succeeds', async () => {
    const server = fakeServer();
    show({});
    const {answer, give} = later();
    server.on({[`PUT ${taskUrl(0, '/state')}`]: () => answer});
    await userEvent.click(screen.getByRole('checkbox'));
    await userEvent.click(screen.getByRole('button', {name: /^More for/}));
    await userEvent.click(screen.getByText('Mark as In Progress'));
    server.on({[`PUT ${taskUrl(0, '/state')}`]: {status: 204}});
    await act(async () => give({status: 500}));
    await waitFor(() => expect(server.calls).toHaveLength(2));
    expect(await screen.findByRole('alert')).toHaveTextContent('The task could not be changed.');
    expect(screen.getByText('In progress')).toBeInTheDocument();
});

it('of two assignees chosen after one another the second one stays', async () => {
    const server = fakeServer({'GET host:/users': {body: [BORIS, ME]}});
    show({});
    const {answer, give} = later();
    server.on({[`PUT ${taskUrl(0, '/assignee')}`]: () => answer});
    await userEvent.click(screen.getByText('No Assignee'));
    await userEvent.click(await screen.findByRole('option', {name: /anna/}));
    await userEvent.click(document.querySelector('.Assigned-button')!);
    await userEvent.click(await screen.findByRole('option', {name: /boris/}));
    expect(within(row(0)).getByText('Boris Klein')).toBeInTheDocument();
    await act(async () => give({status: 204}));
    await waitFor(() => expect(server.to('PUT', taskUrl(0, '/assignee')).map(({body}) => body)).toEqual([{assignee_id: ME.id}, {assignee_id: BORIS.id}]));
});

it('a task is moved further while its first move is under way', async () => {
    const server = fakeServer();
    show({title: 'a'}, {title: 'b'}, {title: 'c'});
    const {answer, give} = later();
    server.on({[`PUT /incidents/${incident.id}/checklists/${incident.checklists[0]!.id}/reorder`]: () => answer});
    screen.getByRole('button', {name: 'Move the task a'}).focus();
    await userEvent.keyboard('{ArrowDown}');
    await waitFor(() => expect(screen.getByRole('button', {name: 'Move the task a'})).toHaveFocus());
    await userEvent.keyboard('{ArrowDown}');
    expect(titles()).toEqual(['b', 'c', 'a']);
    await act(async () => give({status: 204}));
    await waitFor(() => expect(server.calls.map(({body}) => body)).toMatchObject([{new_location: 1}, {item_num: 1, new_location: 2}]));
});

it('tasks are moved by the keyboard, and the handle keeps the focus', async () => {
    const server = fakeServer();
    show({title: 'a'}, {title: 'b'}, {title: 'c'});
    server.on({[`PUT /incidents/${incident.id}/checklists/${incident.checklists[0]!.id}/reorder`]: {}});
    const handle = screen.getByRole('button', {name: 'Move the task a'});
    handle.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(titles()).toEqual(['b', 'a', 'c']);
    await waitFor(() => expect(screen.getByRole('button', {name: 'Move the task a'})).toHaveFocus());
    expect(server.calls[0]?.body).toEqual({item_id: incident.checklists[0]!.items[0]!.id, item_num: 0, new_location: 1});
});

it('of 30 tasks only the one that is checked is rendered again', async () => {
    const server = fakeServer();
    incident = anIncident({checklists: [aStage({items: Array.from({length: 30}, (_, i) => aTask({title: `t${i}`}))})]});
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, 'tasks'));
    let formatted = 0;
    const {formatText} = window.PostUtils!;
    window.PostUtils!.formatText = (text) => {
        formatted++;
        return formatText(text);
    };
    renderWithHost((
        <Profiler
            id='all'
            onRender={() => undefined}
        >
            <Sidebar/>
        </Profiler>
    ), {store});
    await waitFor(() => expect(screen.getAllByTestId('task')).toHaveLength(30));
    expect(server.calls).toHaveLength(0);
    formatted = 0;
    const changed = structuredClone(incident);
    changed.revision = 2;
    Object.assign(changed.checklists[0]!.items[7]!, {state: 'closed', title: 'done'});
    await happens(() => incidents.receive(changed));
    expect(formatted).toBe(1);
    expect(within(row(7)).getByRole('checkbox')).toBeChecked();
});
