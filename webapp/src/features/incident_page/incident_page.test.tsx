import {act, fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Route, useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {fileNameIn} from 'src/client/download';
import {IncidentPage} from 'src/features/incident_page/incident_page';
import {cut, plainTitle, ticksFor, timelineOf} from 'src/features/incident_page/timeline_data';
import {THROTTLE_MS} from 'src/features/incident_page/use_channel_stats_polling';
import {HostStore} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {client, refresh} from 'src/query/client';
import {LOOK_MS} from 'src/query/use_look_again';
import {incidentPath} from 'src/routes';
import {INCIDENT, incidentKey} from 'src/store/keys';
import {anIncident, aPost, aStage, aTask, ME, OTHER_TEAM} from 'src/testing/factories';
import {change, freshHost, happens, hostStore, listen, renderWithHost} from 'src/testing/host';
import {NOT_RUNNING, fakeServer, later} from 'src/testing/server';
import {Incident} from 'src/types/incident';

const DAY = 24 * 60 * 60 * 1000;
const METADATA = {channel_name: 'checkout', channel_display_name: 'Checkout', team_name: 'other', num_members: 4, total_posts: 17};

beforeEach(() => {
    freshHost();
    vi.restoreAllMocks();
});

const Where = () => {
    const {pathname, search} = useLocation();
    return <div data-testid='where'>{pathname + search}</div>;
};

function show(incident: Incident, more = {}, store = hostStore()) {
    const server = fakeServer({[`GET /incidents/${incident.id}`]: {body: incident}, [`GET /incidents/${incident.id}/metadata`]: {body: METADATA}, ...more});
    renderWithHost((
        <>
            <Route
                path='/:team/:plugin/incidents/:id'
                component={IncidentPage}
            />
            <Where/>
        </>
    ), {store, path: incidentPath('ad-1', incident.id)});
    return server;
}

/** A page that is shown and asks again; `give` gives the answer. */
async function showAskingAgain(incident: Incident, more = {}) {
    const store = hostStore();
    const {answer, give} = later();
    const server = show(incident, more, store);
    await screen.findByTestId('incident-title');
    server.on({[`GET /incidents/${incident.id}`]: () => answer});
    await act(async () => void refresh([INCIDENT]));
    return {store, server, give: (body: Incident) => happens(() => give({body}))};
}

/** A page on a clock that the test moves, and which has begun to follow its channel: React does that some time after it is shown. */
async function showFollowing(incident: Incident, store = hostStore()) {
    vi.useFakeTimers({shouldAdvanceTime: true});
    const {setInterval: begin} = window;
    const begun = window.setInterval = vi.fn(begin) as unknown as typeof begin;
    const server = show(incident, {}, store);
    await waitFor(() => expect(begun).toHaveBeenCalledWith(expect.any(Function), LOOK_MS));
    window.setInterval = begin;
    return server;
}

const closed = (title: string, after: number, from: number) => aTask({title, state: 'closed', state_modified: from + after});

describe('the incident page', () => {
    it('shows duration, members, messages and the way to the channel of its own team', async () => {
        show(anIncident({description: '**All** carts fail'}));
        expect(await screen.findByTestId('incident-title')).toHaveTextContent('Incident Checkout is down');
        expect(screen.getByText('1h 30m')).toBeInTheDocument();
        expect(await screen.findByText('17')).toBeInTheDocument();
        expect(screen.getByText('4')).toBeInTheDocument();
        expect(screen.getByText('Jump to the channel').closest('a')).toHaveAttribute('href', '/other/channels/checkout');
        expect(screen.getByText('All').tagName).toBe('STRONG');
    });

    it('has arrows that can be mirrored, and names that keep their own direction', async () => {
        show(anIncident());
        const back = await screen.findByRole('link', {name: 'Back to the incidents'});
        const forth = (await screen.findByText('Jump to the channel')).closest('a');
        expect(back.querySelector('[class*=directional]')).not.toBeNull();
        expect(forth?.querySelector('[class*=directional]')).not.toBeNull();
        expect(screen.getByText('Anna Berg').tagName).toBe('BDI');
    });

    it('leads to the error page when it is missing or private', async () => {
        const incident = anIncident();
        show(incident, {[`GET /incidents/${incident.id}`]: {status: 404}});
        await waitFor(() => expect(screen.getByTestId('where')).toHaveTextContent('/error?type=incidents'));
    });

    it.each([{status: 500}, NOT_RUNNING])('offers to retry when the server has a problem, or the plugin does not run: %o', async (answer) => {
        const incident = anIncident();
        const server = show(incident, {[`GET /incidents/${incident.id}`]: answer});
        expect(await screen.findByRole('alert')).toHaveTextContent('The incident could not be loaded.');
        expect(screen.getByRole('link', {name: 'Back to the incidents'})).toBeInTheDocument();
        server.on({[`GET /incidents/${incident.id}`]: {body: incident}});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByTestId('incident-title')).toBeInTheDocument();
    });

    it('follows changes by events', async () => {
        const store = hostStore();
        const incident = anIncident();
        show(incident, {}, store);
        await screen.findByTestId('incident-title');
        expect(client.getQueryData(incidentKey(incident.id))).toBeDefined();
        const {events} = listen(store);
        const fresh = {...incident, revision: 2, is_active: false, end_at: Date.now()};
        await happens(() => events[`custom_${PLUGIN_ID}_incident_updated`]!({event: '', data: {payload: JSON.stringify(fresh)}, broadcast: {}}));
        expect(await screen.findByText('Ended')).toBeInTheDocument();
        await happens(() => events[`custom_${PLUGIN_ID}_incident_updated`]!({event: '', data: {payload: JSON.stringify(incident)}, broadcast: {}}));
        expect(client.getQueryData(incidentKey(incident.id))).toMatchObject({revision: 2});
        expect(screen.getByText('Ended')).toBeInTheDocument();
    });

    describe('an answer does not undo what an event brought while it was under way', () => {
        const events = (store: HostStore) => {
            const handlers = listen(store);
            return {
                ...handlers,
                update: (incident: Incident) => happens(() => handlers.events[`custom_${PLUGIN_ID}_incident_updated`]!({event: '', data: {payload: JSON.stringify(incident)}, broadcast: {}})),
            };
        };
        const endOf = (incident: Incident) => ({...incident, revision: incident.revision + 1, is_active: false, end_at: Date.now()});

        it('when the page opens', async () => {
            const store = hostStore();
            const incident = anIncident();
            const {answer, give} = later();
            show(incident, {[`GET /incidents/${incident.id}`]: () => answer}, store);
            await events(store).update(endOf(incident));
            expect(await screen.findByText('Ended')).toBeInTheDocument();
            await happens(() => give({body: incident}));
            expect(screen.getByText('Ended')).toBeInTheDocument();
        });

        it('when the page asks again after a reconnect', async () => {
            const store = hostStore();
            const incident = anIncident();
            const {answer, give} = later();
            const server = show(incident, {'GET /incidents/channels': {body: []}}, store);
            await screen.findByTestId('incident-title');
            server.on({[`GET /incidents/${incident.id}`]: () => answer});
            const {update, reconnected} = events(store);
            act(reconnected);
            await update(endOf(incident));
            expect(await screen.findByText('Ended')).toBeInTheDocument();
            await happens(() => give({body: incident}));
            expect(screen.getByText('Ended')).toBeInTheDocument();
            expect(client.getQueryState(incidentKey(incident.id))).toMatchObject({fetchStatus: 'idle', data: {revision: 2}});
        });

        it('when the event came before the second request', async () => {
            const incident = anIncident();
            const {store, server, give} = await showAskingAgain(incident);
            const second = later();
            const {update, reconnected} = events(store);
            await update(endOf(incident));
            server.on({[`GET /incidents/${incident.id}`]: () => second.answer});
            act(reconnected);
            await give(incident);
            await happens(() => second.give({body: incident}));
            expect(screen.getByText('Ended')).toBeInTheDocument();
        });

        it('takes a newer answer', async () => {
            const incident = anIncident();
            const {store, give} = await showAskingAgain(incident);
            await events(store).update(endOf(incident));
            await give({...incident, revision: 3});
            expect(screen.getByText('Ongoing')).toBeInTheDocument();
        });
    });

    it('a status update that was deleted does not come back', async () => {
        const post = aPost({message: 'Old news'});
        const incident = anIncident({status_posts: [{id: post.id, create_at: 1, delete_at: 0}], status_post_ids: [post.id]});
        const {store, give} = await showAskingAgain(incident, {[`GET host:/posts/${post.id}`]: {body: post}});
        expect(await screen.findByText('Old news')).toBeInTheDocument();
        const {events} = listen(store);
        await happens(() => events.post_deleted!({event: '', data: {post: JSON.stringify({...post, channel_id: incident.channel_id, delete_at: 5})}, broadcast: {}}));
        expect(screen.queryByText('Old news')).toBeNull();
        await give(incident);
        expect(screen.queryByText('Old news')).toBeNull();
    });

    it('is left at once by whom it is hidden from', async () => {
        const incident = anIncident();
        const {store, server, give} = await showAskingAgain(incident);
        server.on({[`GET /incidents/${incident.id}`]: {status: 404}});
        const {events} = listen(store);
        await happens(() => events.user_removed!({event: '', data: {channel_id: incident.channel_id}, broadcast: {user_id: ME.id}}));
        await give(incident);
        await waitFor(() => expect(screen.getByTestId('where')).toHaveTextContent('/error?type=incidents'));
    });

    it('counts members and messages again when something happens in the channel', async () => {
        const [store, incident] = [hostStore(), anIncident()];
        const server = await showFollowing(incident, store);
        expect(await screen.findByText('17')).toBeInTheDocument();
        server.on({[`GET /incidents/${incident.id}/metadata`]: {body: {...METADATA, num_members: 5, total_posts: 18}}});
        const {events} = listen(store);
        const before = server.to('GET', `/incidents/${incident.id}/metadata`).length;
        act(() => {
            events.posted!({event: '', data: {}, broadcast: {channel_id: 'another'}});
            vi.advanceTimersByTime(THROTTLE_MS);
        });
        expect(server.to('GET', `/incidents/${incident.id}/metadata`)).toHaveLength(before);
        act(() => {
            Array.from({length: 20}, () => events.posted!({event: '', data: {}, broadcast: {channel_id: incident.channel_id}}));
            vi.advanceTimersByTime(THROTTLE_MS);
        });
        expect(await screen.findByText('18')).toBeInTheDocument();
        expect(screen.getByText('5')).toBeInTheDocument();
        expect(server.to('GET', `/incidents/${incident.id}/metadata`)).toHaveLength(before + 1);
        vi.useRealTimers();
    });

    it('looks again now and then for those who get no events', async () => {
        const incident = anIncident();
        const server = await showFollowing(incident);
        server.on({[`GET /incidents/${incident.id}`]: {body: {...incident, revision: 9, is_active: false, end_at: Date.now()}}});
        act(() => void vi.advanceTimersByTime(LOOK_MS));
        expect(await screen.findByText('Ended')).toBeInTheDocument();
        vi.useRealTimers();
    });

    it('is shown under its own team', async () => {
        const incident = anIncident({team_id: OTHER_TEAM.id});
        show(incident);
        await waitFor(() => expect(screen.getByTestId('where')).toHaveTextContent(incidentPath('other', incident.id)));
    });

    it('lists status updates, newest first, without deleted ones', async () => {
        const [old, fresh] = [aPost({message: 'Old news'}), aPost({message: 'Fresh news'})];
        const gone = aPost({message: 'Gone'});
        show(anIncident({status_posts: [
            {id: old.id, create_at: Date.now() - DAY, delete_at: 0},
            {id: fresh.id, create_at: Date.now(), delete_at: 0},
            {id: gone.id, create_at: Date.now(), delete_at: 5},
        ]}), {[`GET host:/posts/${old.id}`]: {body: old}, [`GET host:/posts/${fresh.id}`]: {body: fresh}});
        await screen.findByText('Old news');
        expect(screen.getAllByText(/news/).map((at) => at.textContent)).toEqual(['Fresh news', 'Old news']);
    });
});

describe('the export link', () => {
    it('offers our own formats where the Channel Export plugin is missing, and saves the file under its name', async () => {
        const incident = anIncident();
        const saved: Array<{name: string; text: string}> = [];
        vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function save(this: HTMLAnchorElement) {
            saved.push({name: this.download, text: this.href});
        });
        vi.stubGlobal('URL', Object.assign(URL, {createObjectURL: () => 'blob:1', revokeObjectURL: () => undefined}));
        const server = show(incident, {[`GET /incidents/${incident.id}/export`]: {
            body: new Blob(['a,b']),
            headers: {'Content-Disposition': 'attachment; filename="St_rung.csv"; filename*=UTF-8\'\'St%C3%B6rung.csv'},
        }});
        const opener = await screen.findByRole('button', {name: 'Export'});
        expect(document.querySelector('.export-link')).toBeNull();
        opener.focus();
        await userEvent.keyboard('{Enter}');
        expect(screen.getAllByRole('menuitem').map((item) => item.getAttribute('data-testid'))).toEqual(['export-csv', 'export-markdown', 'export-json']);
        await userEvent.keyboard('{Escape}');
        expect(opener).toHaveFocus();
        await userEvent.click(opener);
        await userEvent.click(screen.getByTestId('export-csv'));
        await waitFor(() => expect(saved).toEqual([{name: 'Störung.csv', text: 'blob:1'}]));
        expect(server.to('GET', `/incidents/${incident.id}/export`).map(({query}) => query)).toEqual([{format: 'csv'}]);
        expect(screen.getByText('Störung.csv has been downloaded.')).toBeInTheDocument();
    });

    it('says why an export failed, and asks once at a time', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        const server = show(incident, {[`GET /incidents/${incident.id}/export`]: () => answer});
        await userEvent.click(await screen.findByRole('button', {name: 'Export'}));
        await userEvent.click(screen.getByTestId('export-json'));
        const busy = screen.getByRole('button', {name: 'Exporting…'});
        await userEvent.click(busy);
        expect(screen.queryByRole('menu')).toBeNull();
        act(() => give({status: 403, body: {error: 'Ask a member of its channel to add you.'}}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The export failed. Ask a member of its channel to add you.');
        expect(server.to('GET', `/incidents/${incident.id}/export`)).toHaveLength(1);
        await userEvent.click(screen.getByRole('button', {name: 'Dismiss'}));
        expect(screen.queryByRole('alert')).toBeNull();
    });

    it.each([
        ['attachment; filename="plain.md"', 'plain.md'],
        ['attachment; filename="_.csv"; filename*=UTF-8\'\'%E9%9A%9C.csv', '障.csv'],
        ['attachment; filename="kept.csv"; filename*=UTF-8\'\'%E9%9', 'kept.csv'],
        ['', ''],
    ])('reads the name in %s', (header, name) => expect(fileNameIn(header)).toBe(name));

    it.each([
        ['no license', {}],
        ['a license without it', {IsLicensed: 'true', MessageExport: 'false'}],
        ['a license that has ended', {IsLicensed: 'false', MessageExport: 'true'}],
    ])('is our own where Channel Export is installed with %s', async (_, license) => {
        const store = hostStore();
        change(store, (state) => ({
            ...state,
            plugins: {plugins: {'com.mattermost.plugin-channel-export': {}}},
            entities: {...state.entities, general: {...state.entities.general, license}},
        }));
        show(anIncident(), {}, store);
        await userEvent.click(await screen.findByRole('button', {name: 'Export'}));
        expect(screen.getByTestId('export-csv')).toBeInTheDocument();
        expect(document.querySelector('.export-link')).toBeNull();
    });

    it('is that of Channel Export where it is licensed, and our own for the report', async () => {
        const store = hostStore();
        change(store, (state) => ({...state, plugins: {plugins: {'com.mattermost.plugin-channel-export': {}}}}));
        const incident = anIncident();
        show(incident, {}, store);
        await screen.findByRole('button', {name: 'Export'});
        const license = {IsLicensed: 'true', MessageExport: 'true'};
        change(store, (state) => ({...state, entities: {...state.entities, general: {...state.entities.general, license}}}));
        const link = await waitFor(() => document.querySelector('.export-link') ?? Promise.reject(new Error('not yet')));
        expect(link.getAttribute('href')).toBe(`/plugins/com.mattermost.plugin-channel-export/api/v1/export?channel_id=${incident.channel_id}&format=csv`);
        fireEvent.click(link);
        expect(screen.getByText('The download has been started.')).toBeInTheDocument();
        expect(screen.getByRole('button', {name: 'Export'})).toBeInTheDocument();
    });
});

describe('the timeline', () => {
    it('gives tasks with the same title rows of their own', async () => {
        const from = Date.now() - DAY;
        const tasks = [closed('Call', 60000, from), closed('Call', 120000, from)];
        show(anIncident({create_at: from, checklists: [aStage({items: [tasks[0]!]}), aStage({items: [tasks[1]!]})]}));
        await waitFor(() => expect(document.querySelectorAll('circle[data-row]')).toHaveLength(2));
        const rows = [...document.querySelectorAll('circle[data-row]')].map((point) => point.getAttribute('cy'));
        expect(rows[0]).not.toBe(rows[1]);
    });

    it('labels its axis with all days', async () => {
        const from = Date.now() - (114 * DAY);
        show(anIncident({create_at: from, checklists: [aStage({items: [closed('Late', 114 * DAY, from)]})]}));
        expect(await screen.findByText('120d')).toBeInTheDocument();
    });

    it('repeats its axis at the top where the foot is out of sight', async () => {
        const from = Date.now() - (114 * DAY);
        const tasks = Array.from({length: 30}, () => closed('Late', 114 * DAY, from));
        show(anIncident({create_at: from, checklists: [aStage({items: tasks})]}));
        expect(await screen.findAllByText('120d')).toHaveLength(2);
    });

    it.each([0, 1000, 3 * 60000, 45 * 60000, 5 * 60 * 60000, 26 * 60 * 60000, 114 * DAY, 4000 * DAY])('starts at 0 and steps evenly for %i ms', (longest) => {
        const ticks = ticksFor(longest);
        expect(ticks[0]).toBe(0);
        expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(longest);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(new Set(ticks.map((tick) => Math.floor(tick / 60000))).size).toBe(ticks.length);
    });

    it('has fewer ticks and shorter labels where there is little room', () => {
        expect(ticksFor(114 * DAY, 3).length).toBeLessThanOrEqual(3);
        expect(ticksFor(10000 * DAY, 2)).toHaveLength(2);
        expect(cut('A long title of a task', 10)).toBe('A long ...');
        expect(cut('WWWWWWWWWW', 100, (text) => text.length * 20)).toBe('WW...');
        expect(cut('iiiiiiiiii', 100, (text) => text.length * 5)).toBe('iiiiiiiiii');
        expect(cut('田中さんの仕事', 50, (text) => text.length * 13)).toBe('...');
        expect(cut('Exactly 25 characters ....')).toBe('Exactly 25 characters ...' + '...');
    });

    it('says so when nothing is completed', async () => {
        show(anIncident());
        expect(await screen.findByText(/No task is completed yet/)).toBeInTheDocument();
    });

    it('has plain titles and a table of the same', async () => {
        const from = Date.now() - DAY;
        show(anIncident({create_at: from, checklists: [aStage({title: 'Triage', items: [closed('See **the** [board](http://x)', 3600000, from)]})]}));
        const row = await screen.findByRole('row');
        expect(row).toHaveTextContent(/^See the boardTriageafter 1h/);
        expect(plainTitle('`code` and ~~old~~ snake_case')).toBe('code and old snake_case');
    });

    it('shows no chart where there is no task', async () => {
        show(anIncident({checklists: []}));
        expect(await screen.findByText('There are no tasks yet')).toBeInTheDocument();
    });

    it('leaves out tasks that are open or have no valid time', () => {
        const rows = timelineOf(anIncident({checklists: [aStage({items: [aTask(), aTask({state: 'closed', state_modified: 5})]})]}));
        expect(rows.map(({after}) => after)).toEqual([undefined, undefined]);
    });
});
