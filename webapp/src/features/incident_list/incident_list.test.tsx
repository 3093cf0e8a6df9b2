import {act, fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Link, useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {LIST_WAIT_MS} from 'src/query/gathered_refresh';
import {IncidentList} from 'src/features/incident_list/incident_list';
import {HostStore} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {incidentListPath, incidentPath} from 'src/routes';
import {anIncident, BORIS, ME, OTHER_TEAM, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {freshHost, goTo, happens, listen, renderWithHost} from 'src/testing/host';
import {fakeServer, later, page} from 'src/testing/server';
import {Incident} from 'src/types/incident';

let push: ReturnType<typeof freshHost>['push'];

beforeEach(() => {
    ({push} = freshHost());
});

const Where = () => <div data-testid='where'>{useLocation().search}</div>;
const show = (query = '') => renderWithHost((
    <>
        <IncidentList/>
        <Where/>
        <Link to={incidentListPath('ad-1')}>{'all'}</Link>
        <Link to={`${incidentListPath('ad-1')}?search=disk`}>{'disks'}</Link>
    </>
), {path: incidentListPath('ad-1') + query});

const many = {total_count: 31, page_count: 3, has_more: true};
const serve = (more = {}) => fakeServer({'GET /incidents': ({query}) => page([anIncident({name: query.search_term ?? 'Outage'})], many), ...more});
const lastQuery = (server: ReturnType<typeof fakeServer>) => {
    const all = server.to('GET', '/incidents');
    return all[all.length - 1]!.query;
};

async function chooseStatus(name: string) {
    await userEvent.click(screen.getByTitle('Status'));
    await userEvent.click(screen.getByRole('menuitemradio', {name}));
}

describe('the incident list', () => {
    it('needs nothing of an incident but what a summary has', async () => {
        const summary: Partial<Incident> = anIncident({name: 'Outage'});
        delete summary.checklists;
        delete summary.status_post_ids;
        delete summary.status_posts;
        delete summary.reminder_message_template;
        fakeServer({'GET /incidents': page([summary])});
        const {store} = show();
        expect(await screen.findByText('Outage')).toBeInTheDocument();
        const {events} = listen(store);
        const newer = anIncident({...summary, name: 'Bigger outage', revision: 2});
        await happens(() => events[`custom_${PLUGIN_ID}_incident_updated`]!({event: '', data: {payload: JSON.stringify(newer)}, broadcast: {}}));
        expect(screen.getByText('Bigger outage')).toBeInTheDocument();
    });

    it('lists the newest first, with one request', async () => {
        const incident = anIncident({name: 'Outage', is_active: false, end_at: 5});
        const server = fakeServer({'GET /incidents': page([incident])});
        show();
        expect(await screen.findByTestId('titleIncident')).toHaveTextContent('Incidents (Operations)');
        expect(server.calls).toHaveLength(1);
        expect(lastQuery(server)).toEqual({team_id: TEAM.id, page: '0', per_page: '15', sort: 'create_at', direction: 'desc', view: 'summary'});
        const cells = within(document.querySelector<HTMLElement>('.incident-item')!).getAllByRole('cell').map((cell) => cell.textContent);
        expect(cells[1]).toBe('Ended');
        expect(cells[3]).toBe('--');
        expect(cells[4]).toBe('Anna Berg');
        expect(document.querySelectorAll('#incidentList input')).toHaveLength(1);
        await userEvent.click(screen.getByText('Outage'));
        expect(push).toHaveBeenCalledWith(incidentPath('ad-1', incident.id));
    });

    it('goes back to the first page when it is sorted', async () => {
        const server = serve();
        show('?page=2');
        await screen.findByText('Previous');
        await userEvent.click(screen.getByRole('button', {name: 'Name'}));
        await waitFor(() => expect(lastQuery(server)).toMatchObject({sort: 'name', direction: 'asc', page: '0'}));
        expect(screen.queryByText('Previous')).toBeNull();
        await userEvent.click(screen.getByRole('button', {name: 'End Time'}));
        await waitFor(() => expect(lastQuery(server)).toMatchObject({sort: 'end_at', direction: 'desc'}));
    });

    it('goes back to the first page for a search, and keeps it in the URL', async () => {
        const server = serve();
        show('?page=2');
        await screen.findByText('Previous');
        fireEvent.change(screen.getByPlaceholderText('Search by incident name'), {target: {value: 'disk'}});
        await waitFor(() => expect(lastQuery(server)).toMatchObject({search_term: 'disk', page: '0'}));
        expect(screen.getByTestId('where')).toHaveTextContent('?search=disk');
    });

    it('the search box follows the URL', async () => {
        const server = fakeServer({'GET /incidents': ({query}) => page(query.search_term ? [] : [anIncident({name: 'Outage'})])});
        show('?search=checkout');
        await screen.findByText(/matches these filters/);
        server.on({'GET /incidents': page([])});
        await userEvent.click(screen.getByText('all'));
        expect(await screen.findByTestId('no-incidents')).toBeInTheDocument();
        server.on({'GET /incidents': page([anIncident({name: 'Outage'})])});
        await userEvent.click(screen.getByText('disks'));
        await screen.findByText('Outage');
        expect(screen.getByPlaceholderText('Search by incident name')).toHaveValue('disk');
        fireEvent.change(screen.getByPlaceholderText('Search by incident name'), {target: {value: 'fan'}});
        await waitFor(() => expect(screen.getByTestId('where')).toHaveTextContent('?search=fan'));
        expect(screen.getByPlaceholderText('Search by incident name')).toHaveValue('fan');
        await userEvent.click(screen.getByText('all'));

        // The answer of before, that there are none, is shown until the next one is there.
        expect(await screen.findByPlaceholderText('Search by incident name')).toHaveValue('');
        fireEvent.change(screen.getByPlaceholderText('Search by incident name'), {target: {value: 'fan'}});
        await waitFor(() => expect(screen.getByTestId('where')).toHaveTextContent('?search=fan'));
    });

    it('keeps a status chosen while a search was waiting', async () => {
        const server = serve();
        show();
        await screen.findByText('Outage');
        fireEvent.change(screen.getByPlaceholderText('Search by incident name'), {target: {value: 'disk'}});
        fireEvent.click(screen.getByTitle('Status'));
        fireEvent.click(screen.getByRole('menuitemradio', {name: 'Ongoing'}));
        await waitFor(() => expect(lastQuery(server)).toMatchObject({search_term: 'disk', status: 'active'}));
        expect(screen.getByTitle('Status')).toHaveTextContent('Ongoing');
    });

    it('ignores the late answer to older filters', async () => {
        const slow = later();
        fakeServer({'GET /incidents': ({query}) => (query.status === 'ended' ? slow.answer : page([anIncident({name: 'Right'})]))});
        show();
        await screen.findByText('Right');
        await chooseStatus('Ended');
        await chooseStatus('Ongoing');
        await act(async () => slow.give(page([anIncident({name: 'Stale'})])));
        expect(screen.getByText('Right')).toBeInTheDocument();
        expect(screen.queryByText('Stale')).toBeNull();
    });

    describe('with events', () => {
        const handlersOf = (store: HostStore) => {
            const {events, reconnected} = listen(store);
            const emit = (name: string, payload: unknown) => happens(() => events[`custom_${PLUGIN_ID}_${name}`]!({event: '', data: {payload: JSON.stringify(payload)}, broadcast: {}}));
            return {emit, reconnected};
        };
        const status = () => within(document.querySelector<HTMLElement>('.incident-item')!).getAllByRole('cell')[1]!.textContent;
        const shown = async (incident: Incident) => {
            const server = fakeServer({'GET /incidents': page([incident]), 'GET /incidents/channels': {body: []}});
            const {store} = show();
            await screen.findByText(incident.name);
            return {server, store, ...handlersOf(store)};
        };

        it('follows them, and is not thrown back by an answer that was under way, after a reconnect either', async () => {
            const incident = anIncident({name: 'Outage'});
            const {server, emit, reconnected} = await shown(incident);
            const {answer, give} = later();
            const ended = {...incident, revision: 2, is_active: false, end_at: Date.now()};

            // After the event the list asks once more, sooner or later.
            const answers = [answer];
            server.on({'GET /incidents': () => answers.shift() ?? page([ended])});
            await happens(reconnected);
            await emit('incident_updated', ended);
            expect(status()).toBe('Ended');
            await happens(() => give(page([incident])));
            expect(status()).toBe('Ended');
            await emit('incident_updated', incident);
            expect(status()).toBe('Ended');
        });

        it('has not missed those that came before the first answer', async () => {
            const incident = anIncident({name: 'Outage'});
            const {answer, give} = later();
            fakeServer({'GET /incidents': () => answer});
            const {store} = show();
            await handlersOf(store).emit('incident_updated', {...incident, revision: 2, is_active: false, end_at: Date.now()});
            await happens(() => give(page([incident])));
            expect(status()).toBe('Ended');
        });

        it('asks again, once, when the order or the number of rows may have changed', async () => {
            vi.useFakeTimers({shouldAdvanceTime: true});
            const incident = anIncident({name: 'Outage'});
            const {server, emit} = await shown(incident);
            const fresh = anIncident({name: 'New one'});
            server.on({'GET /incidents': page([fresh, incident])});
            await emit('incident_created', {incident: fresh});
            await emit('incident_updated', {...fresh, revision: 2});
            await emit('incident_updated', {...incident, revision: 2, is_active: false});
            act(() => {
                vi.advanceTimersByTime(LIST_WAIT_MS);
            });
            expect(await screen.findByText('New one')).toBeInTheDocument();
            expect(server.to('GET', '/incidents')).toHaveLength(2);
            vi.useRealTimers();
        });

        it('asks again, once, for a long incident of which it hears only that it has changed', async () => {
            vi.useFakeTimers({shouldAdvanceTime: true});
            const incident = anIncident({name: 'Outage'});
            const {server, store} = await shown(incident);
            const {events} = listen(store);
            const renamed = {...incident, revision: 3, name: 'Bigger outage'};
            server.on({'GET /incidents': page([renamed])});
            for (const revision of [2, 3]) {
                const {id, team_id, channel_id, post_revision} = incident;
                await happens(() => events[`custom_${PLUGIN_ID}_incident_updated`]!({event: '', data: {payload: '', changed: JSON.stringify({id, team_id, channel_id, post_revision, revision})}, broadcast: {}}));
            }
            act(() => {
                vi.advanceTimersByTime(2 * LIST_WAIT_MS);
            });
            expect(await screen.findByText('Bigger outage')).toBeInTheDocument();
            expect(server.to('GET', '/incidents')).toHaveLength(2);
            expect(server.calls.filter(({path}) => path.includes(incident.id) || path.includes(incident.channel_id))).toEqual([]);
            vi.useRealTimers();
        });

        it('asks nothing for a task that was checked, nor for another team', async () => {
            vi.useFakeTimers({shouldAdvanceTime: true});
            const incident = anIncident({name: 'Outage'});
            const {server, emit} = await shown(incident);
            await emit('incident_updated', {...incident, revision: 2});
            await emit('incident_created', {incident: anIncident({team_id: OTHER_TEAM.id})});
            act(() => {
                vi.advanceTimersByTime(2 * LIST_WAIT_MS);
            });
            expect(server.to('GET', '/incidents')).toHaveLength(1);
            vi.useRealTimers();
        });
    });

    it('shows that it loads, and offers to retry when it failed', async () => {
        fakeServer({'GET /incidents': {status: 500}});
        show();
        expect(screen.getByText('Loading…')).toBeInTheDocument();
        expect(await screen.findByRole('alert')).toHaveTextContent('The incidents could not be loaded.');
        serve();
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByText('Outage')).toBeInTheDocument();
    });

    it('decides about the explanation for each team', async () => {
        fakeServer({'GET /incidents': ({query}) => (query.team_id === TEAM.id ? page([]) : page([anIncident({name: 'Theirs'})]))});
        const {store} = show();
        await screen.findByTestId('no-incidents');
        goTo(store, 'x', OTHER_TEAM.id);
        expect(await screen.findByText('Theirs')).toBeInTheDocument();
        expect(screen.queryByTestId('no-incidents')).toBeNull();
    });

    it('starts an incident from the explanation, in the channel view', async () => {
        const server = fakeServer({'GET /incidents': page([]), 'POST host:/commands/execute': {body: {trigger_id: 't'}}});
        show();
        await userEvent.click(await screen.findByRole('button', {name: '+ New Incident'}));
        await waitFor(() => expect(push).toHaveBeenCalledWith('/ad-1'));
        expect(server.to('POST', 'host:/commands/execute')[0]!.body).toMatchObject({command: expect.stringMatching(/^\/incident start [0-9a-f-]{36}$/)});
    });

    it('starts an incident in its own team while the last channel is of another one', async () => {
        const square = {...TOWN_SQUARE, id: 'square2'.padEnd(26, '0'), team_id: OTHER_TEAM.id};
        const server = fakeServer({
            'GET /incidents': page([]),
            'POST host:/commands/execute': {body: {trigger_id: 't'}},
            [`GET host:/teams/${OTHER_TEAM.id}/channels/name/town-square`]: {body: square},
        });
        const {store} = show();
        goTo(store, TOWN_SQUARE.id, OTHER_TEAM.id);
        await userEvent.click(await screen.findByRole('button', {name: '+ New Incident'}));
        await waitFor(() => expect(push).toHaveBeenCalledWith('/other'));
        expect(server.to('POST', 'host:/commands/execute')[0]!.body).toMatchObject({team_id: OTHER_TEAM.id, channel_id: square.id});
    });

    it('says that nothing matches the filters', async () => {
        fakeServer({'GET /incidents': page([])});
        show('?status=ended');
        expect(await screen.findByText(/matches these filters/)).toBeInTheDocument();
        expect(screen.getByText('0 - 0 of 0 total')).toBeInTheDocument();
        expect(screen.getByRole('columnheader', {name: 'Start Time'})).toHaveAttribute('aria-sort', 'descending');
    });

    it('offers commanders by the names of the answer, and loads profiles with one request', async () => {
        const stranger = 'stranger'.padEnd(26, '0');
        const server = serve({
            'GET /incidents/commanders': {body: [{user_id: stranger, username: 'zoe'}, {user_id: 'other'.padEnd(26, '0'), username: 'yan'}, {user_id: BORIS.id, username: 'boris'}]},
            'POST host:/users/ids': {body: []},
        });
        show('?page=2');
        await screen.findByText('Previous');
        await userEvent.click(within(document.querySelector<HTMLElement>('.profile-dropdown')!).getByRole('button'));
        await userEvent.keyboard('zo');
        await userEvent.click(await screen.findByText('@zoe'));
        await waitFor(() => expect(lastQuery(server)).toMatchObject({commander_user_id: stranger, page: '0'}));
        expect(server.to('POST', 'host:/users/ids')).toHaveLength(1);
    });

    it('clears the commander', async () => {
        const server = serve({'GET /incidents/commanders': {body: [{user_id: ME.id, username: 'anna'}]}});
        show(`?commander=${ME.id}`);
        await screen.findByText('Outage');
        expect(lastQuery(server)).toMatchObject({commander_user_id: ME.id});
        await userEvent.click(within(document.querySelector<HTMLElement>('.profile-dropdown')!).getByRole('button'));
        await userEvent.click(await screen.findByRole('button', {name: 'All commanders'}));
        await waitFor(() => expect(lastQuery(server)).not.toHaveProperty('commander_user_id'));
    });

    it('works the status filter by keyboard', async () => {
        const server = serve();
        show('?page=2');
        await screen.findByText('Previous');
        const opener = screen.getByTitle('Status');
        act(() => opener.focus());
        await userEvent.keyboard('{Enter}{Escape}');
        expect(screen.queryByRole('menu')).toBeNull();
        expect(opener).toHaveFocus();
        await userEvent.keyboard('{Enter}{ArrowDown}{Enter}');
        await waitFor(() => expect(lastQuery(server)).toMatchObject({status: 'active', page: '0'}));
    });

    it('asks for all unknown commanders of a page at once', async () => {
        const ids = ['a', 'b', 'c'].map((name) => `row${name}`.padEnd(26, '0'));
        const server = fakeServer({
            'GET /incidents': page(ids.map((id) => anIncident({commander_user_id: id}))),
            'POST host:/users/ids': ({body}) => ({body: (body as string[]).map((id) => ({...BORIS, id}))}),
        });
        show();
        await waitFor(() => expect(screen.getAllByText('Boris Klein')).toHaveLength(3));
        expect(server.to('POST', 'host:/users/ids')).toHaveLength(1);
    });
});
