import {act, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {SidebarTitle} from 'src/features/incident_sidebar/sidebar_title';
import {HostStore} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {chooseTab} from 'src/state/reducer';
import {anIncident, aPost, aStage, aTask, BORIS, ME, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {freshHost, goTo, happens, hostStore, putPost, renderWithHost} from 'src/testing/host';
import {fakeServer, later, page} from 'src/testing/server';
import {Incident} from 'src/types/incident';

let push: ReturnType<typeof freshHost>['push'];
let store: HostStore;

beforeEach(() => {
    ({push} = freshHost());
    store = hostStore();
});

function show() {
    return renderWithHost((
        <div id='rhsContainer'>
            <SidebarTitle/>
            <Sidebar/>
        </div>
    ), {store});
}

function enter(incident: Incident) {
    act(() => incidents.receive(incident));
    goTo(store, incident.channel_id);
}

describe('the list', () => {
    it('shows my ongoing incidents and leads to their channels', async () => {
        const incident = {...anIncident({active_stage_title: 'Triage'}), last_status_at: Date.now() - 5000};
        fakeServer({'GET /incidents': page([incident])});
        show();
        const card = await screen.findByRole('listitem');
        expect(card.className).toMatch(/^IncidentContainer/);
        expect(within(card).getByText('Checkout is down')).toBeInTheDocument();
        expect(within(card).getByText('1h 30m')).toBeInTheDocument();
        expect(screen.getByTestId('last-updated-label').nextElementSibling).toHaveTextContent('< 1m ago');
        expect(within(card).getByText('Anna Berg')).toBeInTheDocument();
        await userEvent.click(screen.getByTestId('go-to-channel'));
        expect(push).toHaveBeenCalledWith(`/ad-1/channels/${incident.channel_id}`);
    });

    it('stays on the screen until the incident channel is current', async () => {
        const incident = anIncident();
        const server = fakeServer({'GET /incidents': page([incident]), [`GET /incidents/channel/${incident.channel_id}`]: {body: incident}});
        show();
        await userEvent.click(await screen.findByTestId('go-to-channel'));
        expect(screen.getByTestId('go-to-channel')).toBeInTheDocument();
        goTo(store, incident.channel_id);
        await waitFor(() => expect(screen.getByTestId('rhs-title')).toHaveTextContent('Checkout is down'));
        expect(server.to('GET', '/playbooks')).toHaveLength(0);
    });

    it('marks the incident of the current channel', async () => {
        const incident = anIncident();
        fakeServer({'GET /incidents': page([incident])});
        enter(incident);
        show();
        act(() => screen.getByTestId('back-button').click());
        expect(await screen.findByRole('listitem')).toHaveAttribute('aria-current', 'true');
    });

    it('tells when it cannot be loaded, and tries again', async () => {
        fakeServer({'GET /incidents': {status: 500}});
        show();
        expect(await screen.findByRole('alert')).toHaveTextContent('Your incidents could not be loaded. The server had a problem.');
        fakeServer({'GET /incidents': page([anIncident()])});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByTestId('go-to-channel')).toBeInTheDocument();
    });

    it('the menu is made of buttons, opens and closes by keyboard, and gives the focus back', async () => {
        fakeServer({'GET /incidents': page([anIncident()])});
        show();
        const dots = await screen.findByRole('button', {name: 'More about incidents'});
        expect(dots).toHaveClass('icon-dots-vertical');
        dots.focus();
        await userEvent.keyboard('{Enter}');
        const items = screen.getAllByRole('menuitem');
        expect(items.map((item) => item.tagName)).toEqual(['BUTTON', 'BUTTON']);
        expect(items[0]).toHaveFocus();
        await userEvent.keyboard('{ArrowDown}');
        expect(items[1]).toHaveFocus();
        await userEvent.keyboard('{Escape}');
        expect(screen.queryByRole('menuitem')).not.toBeInTheDocument();
        expect(dots).toHaveFocus();
        await userEvent.keyboard('{Enter}{ArrowDown}{Enter}');
        expect(push).toHaveBeenCalledWith(`/ad-1/${PLUGIN_ID}/incidents`);
    });

    it('says so when the start dialog cannot be opened', async () => {
        fakeServer({'GET /incidents': page([anIncident()]), 'POST host:/commands/execute': {status: 0}});
        show();
        await userEvent.click(await screen.findByText('Start Incident'));
        expect(await screen.findByRole('alert')).toHaveTextContent('could not be opened. The server could not be reached.');
    });
});

describe('the incident of the channel', () => {
    it('title and body share one request', async () => {
        const incident = anIncident();
        const server = fakeServer({'GET /incidents/channels': {body: [incident.channel_id]}, [`GET /incidents/channel/${incident.channel_id}`]: {body: incident}});
        await incidents.loadChannels(TEAM.id);
        goTo(store, incident.channel_id);
        show();
        await waitFor(() => expect(screen.getByTestId('rhs-title')).toHaveTextContent('Checkout is down'));
        expect(server.to('GET', `/incidents/channel/${incident.channel_id}`)).toHaveLength(1);
    });

    it('nothing is asked in an ordinary channel', async () => {
        const server = fakeServer({'GET /incidents': page([anIncident()])});
        show();
        await screen.findByTestId('go-to-channel');
        goTo(store, 'another');
        expect(server.calls.map(({path}) => path)).toEqual(['/incidents']);
    });

    it('the name of the former incident does not stay while the next one loads', async () => {
        const [a, b] = [anIncident({name: 'A'}), anIncident({name: 'B'})];
        const {answer, give} = later();
        fakeServer({'GET /incidents/channels': {body: [a.channel_id, b.channel_id]}, [`GET /incidents/channel/${b.channel_id}`]: () => answer});
        await incidents.loadChannels(TEAM.id);
        enter(a);
        show();
        expect(screen.getByTestId('rhs-title')).toHaveTextContent('A');
        goTo(store, b.channel_id);
        expect(screen.getByTestId('rhs-title')).toHaveTextContent('Incidents');
        expect(screen.queryByText('A')).not.toBeInTheDocument();
        give({body: b});
        await waitFor(() => expect(screen.getByTestId('rhs-title')).toHaveTextContent('B'));
    });

    it('a failure is shown with a way to try again', async () => {
        const incident = anIncident();
        fakeServer({'GET /incidents/channels': {body: [incident.channel_id]}, [`GET /incidents/channel/${incident.channel_id}`]: {status: 500}});
        await incidents.loadChannels(TEAM.id);
        goTo(store, incident.channel_id);
        show();
        expect(await screen.findByRole('alert')).toHaveTextContent('The incident could not be loaded.');
        fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: {body: incident}});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByTestId('summary')).toBeInTheDocument();
    });

    it('an incident that is no longer there gives way to the list', async () => {
        fakeServer({'GET /incidents/channels': {body: ['c1']}, 'GET /incidents/channel/c1': {status: 404}, 'GET /incidents': page([]), 'GET /playbooks': page([])});
        await incidents.loadChannels(TEAM.id);
        goTo(store, 'c1');
        show();
        expect(await screen.findByTestId('welcome-view')).toBeInTheDocument();
    });

    it('shows the description and explains why an ended one takes no update', () => {
        fakeServer();
        enter(anIncident({description: 'All **carts** fail', is_active: false, end_at: Date.now()}));
        show();
        expect(screen.getByText('carts').tagName).toBe('STRONG');
        expect(screen.getByText('Ended')).toBeInTheDocument();
        const update = screen.getByRole('button', {name: 'Update Status'});
        expect(update).toBeDisabled();
        expect(update).toHaveAccessibleDescription(/Restart it/);
    });

    it('the tabs have roles and arrow keys; the choice is kept per channel', async () => {
        fakeServer();
        const incident = anIncident();
        enter(incident);
        show();
        const summary = screen.getByRole('tab', {name: 'Summary'});
        expect(summary).toHaveAttribute('aria-selected', 'true');
        act(() => summary.focus());
        await userEvent.keyboard('{ArrowRight}');
        expect(screen.getByRole('tab', {name: 'Tasks'})).toHaveAttribute('aria-selected', 'true');
        goTo(store, TOWN_SQUARE.id);
        goTo(store, incident.channel_id);
        expect(screen.getByTestId('tasks')).toHaveAttribute('aria-selected', 'true');
    });
});

describe('stages', () => {
    const three = () => anIncident({checklists: ['One', 'Two', 'Three'].map((title) => aStage({title, items: [aTask({title: `task of ${title}`})]})), active_stage: 1});
    const tasksOf = (incident: Incident) => {
        enter(incident);
        store.dispatch(chooseTab(incident.channel_id, 'tasks'));
        show();
    };

    it('shows the current one with its counter', () => {
        fakeServer();
        tasksOf(three());
        const block = document.getElementById('incidentRHSStages')!;
        expect(block.querySelector('.title')).toHaveTextContent('Current Stage:');
        expect(within(block).getByText('(2/3)').tagName).toBe('SPAN');
        expect(within(block).getByText('Two').tagName).toBe('DIV');
        expect(screen.getByText('task of Two')).toBeInTheDocument();
        expect(document.querySelectorAll('#incidentRHSFooter button')).toHaveLength(1);
        expect(document.querySelectorAll('.scrollbar--view')).toHaveLength(1);
    });

    it('another stage can be looked at', async () => {
        fakeServer();
        const incident = three();
        tasksOf(incident);
        await userEvent.selectOptions(screen.getByRole('combobox', {name: /Stage whose tasks/}), incident.checklists[2]!.id);
        expect(screen.getByText('task of Three')).toBeInTheDocument();
        expect(screen.queryByText('task of Two')).not.toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'Show the current one'}));
        expect(screen.getByText('task of Two')).toBeInTheDocument();
    });

    it('goes on by commands of the channel, and the dialog belongs to this tab', async () => {
        const incident = three();
        const server = fakeServer({'POST host:/commands/execute': {body: {trigger_id: 't1'}}});
        tasksOf(incident);
        const next = screen.getByRole('button', {name: 'Next Stage'});
        await userEvent.click(next);
        await waitFor(() => expect(server.calls.map(({body}) => body)).toEqual([{command: '/incident stage next', channel_id: incident.channel_id, team_id: TEAM.id}]));
        await userEvent.click(screen.getByRole('button', {name: 'More actions'}));
        expect(screen.getAllByRole('menuitem').map(({textContent}) => textContent)).toEqual(['Previous Stage', 'End Incident']);
    });

    it('a command waits for the changes that are shown already, and runs where it was asked for', async () => {
        const incident = three();
        const {answer, give} = later();
        const server = fakeServer({'POST host:/commands/execute': {body: {}}, [`PUT /incidents/${incident.id}/*`]: () => answer});
        tasksOf(incident);
        await userEvent.click(screen.getByRole('checkbox', {name: 'task of Two'}));
        await userEvent.click(screen.getByRole('button', {name: 'Next Stage'}));
        expect(server.to('POST', 'host:/commands/execute')).toHaveLength(0);
        goTo(store, 'elsewhere');
        await act(async () => give({status: 500}));
        await waitFor(() => expect(server.to('POST', 'host:/commands/execute').map(({body}) => body)).toMatchObject([{channel_id: incident.channel_id}]));
    });

    it('an error of an action disappears with the next action', async () => {
        const incident = three();
        const server = fakeServer({'POST host:/commands/execute': {status: 500}});
        tasksOf(incident);
        await userEvent.click(screen.getByRole('button', {name: 'Next Stage'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The incident could not be changed.');
        await happens(() => incidents.receive({...incident, revision: 2, active_stage: 2, active_stage_title: 'Three'}));
        server.on({'POST host:/commands/execute': {body: {}}});
        await userEvent.click(screen.getByRole('button', {name: 'End Incident'}));
        await waitFor(() => expect(server.to('POST', 'host:/commands/execute')).toHaveLength(2));
        expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    });

    it('an ended incident offers no end', async () => {
        fakeServer();
        tasksOf({...three(), is_active: false});
        expect(screen.getByRole('button', {name: 'Restart Incident'})).toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'More actions'}));
        expect(screen.queryByText('End Incident')).not.toBeInTheDocument();
    });

    it('announces what others change', async () => {
        fakeServer();
        const incident = three();
        tasksOf(incident);
        await happens(() => incidents.receive({...incident, revision: 2, active_stage: 2, active_stage_title: 'Three'}));
        await waitFor(() => expect(screen.getByTestId('incident-live-region')).toHaveTextContent('Current stage: Three'));
    });
});

describe('the recent update', () => {
    const withPosts = (...ids: string[]) => anIncident({
        status_post_ids: ids,
        status_posts: ids.map((id, index) => ({id, create_at: index + 1, delete_at: 0})),
    });

    it('is a sentence while there is none', () => {
        fakeServer();
        enter(anIncident());
        show();
        expect(document.getElementById('incidentRHSUpdates')).toHaveTextContent('Nobody has posted an update yet. Click here to post the first one.');
    });

    it('is fetched when the host does not have it, and follows deletion', async () => {
        const [old, recent] = [aPost({id: 'old', message: 'first news'}), aPost({id: 'new', message: 'second news', user_id: BORIS.id})];
        fakeServer({'GET host:/posts/new': {body: recent}, 'GET host:/posts/old': {body: old}});
        const incident = withPosts('old', 'new');
        enter(incident);
        show();
        expect(await screen.findByText('second news')).toBeInTheDocument();
        expect(screen.getByText('Boris Klein')).toBeInTheDocument();
        act(() => void incidents.statusPostDeleted('new', 9));
        expect(await screen.findByText('first news')).toBeInTheDocument();
    });

    it('does nothing per frame while it is shown', async () => {
        fakeServer();
        const frame = vi.spyOn(window, 'requestAnimationFrame');
        putPost(store, aPost({id: 'p', message: 'still looking'}));
        enter(withPosts('p'));
        show();
        expect(screen.getByText('still looking')).toBeInTheDocument();
        await act(() => new Promise<void>((resolve) => setTimeout(resolve, 100)));
        expect(frame).not.toHaveBeenCalled();
    });

    it('links inside navigate in the client; presses with a modifier are the browser\'s', async () => {
        fakeServer();
        putPost(store, aPost({id: 'p', message: 'see ~town-square'}));
        enter(withPosts('p'));
        show();
        const link = screen.getByText('~town-square');
        await userEvent.click(link);
        expect(push).toHaveBeenCalledWith('/ad-1/channels/town-square');
        push.mockClear();
        const keyboard = userEvent.setup();
        link.addEventListener('click', (event) => event.preventDefault());
        await keyboard.keyboard('{Control>}');
        await keyboard.click(link);
        expect(push).not.toHaveBeenCalled();
    });
});

it('the commander is searched for on the server, and choosing shows at once', async () => {
    const incident = anIncident();
    const chen = {id: 'chen', username: 'chen', first_name: '', last_name: '', nickname: ''};
    const server = fakeServer({
        'GET host:/users': {body: [ME, BORIS]},
        'POST host:/users/search': {body: [chen]},
        'POST host:/users/ids': {body: [chen]},
        [`POST /incidents/${incident.id}/commander`]: {},
    });
    enter(incident);
    show();
    await userEvent.click(screen.getByTitle('Change the commander'));
    expect(await screen.findAllByRole('option')).toHaveLength(2);
    await userEvent.paste('che');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1));
    expect(server.to('POST', 'host:/users/search')[0]?.body).toMatchObject({term: 'che', in_channel_id: incident.channel_id});
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(server.to('POST', `/incidents/${incident.id}/commander`)[0]?.body).toEqual({commander_id: 'chen'}));
    expect(incidents.read(incident.channel_id).incident?.commander_user_id).toBe('chen');
});

it('Escape closes the selector and gives the focus back', async () => {
    fakeServer({'GET host:/users': {body: [ME]}});
    enter(anIncident());
    show();
    const opener = screen.getByTitle('Change the commander');
    await userEvent.click(opener);
    expect(screen.getByRole('combobox')).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
    expect(opener).toHaveFocus();
});

it('people are invited one by one, and those who failed stay listed', async () => {
    const incident = anIncident();
    const server = fakeServer({
        'GET host:/users': {body: [BORIS]},
        [`POST host:/channels/${incident.channel_id}/members`]: {status: 403, body: {message: 'No permission.'}},
    });
    enter(incident);
    show();
    await userEvent.click(screen.getByTestId('invite-people'));
    await userEvent.click(await screen.findByRole('option'));
    await userEvent.click(screen.getByRole('button', {name: 'Add to Channel'}));
    expect(await screen.findByRole('alert')).toHaveTextContent('Not everybody could be added; those left are still listed. No permission.');
    server.on({[`POST host:/channels/${incident.channel_id}/members`]: {status: 201, body: {}}});
    await userEvent.click(screen.getByRole('button', {name: 'Add to Channel'}));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(server.to('GET', 'host:/users')[0]?.query).toMatchObject({in_team: TEAM.id, not_in_channel: incident.channel_id});
});
