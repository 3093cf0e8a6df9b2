import {screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import ChannelOfPage from 'src/capabilities/channel/page_details';
import {channelState, justKept} from 'src/capabilities/channel/state';
import ChannelSummary from 'src/capabilities/channel/summary';
import {channelById} from 'src/host/store';
import {useIncident} from 'src/store/incidents';
import {anIncident, ME, TOWN_SQUARE} from 'src/testing/factories';
import {freshHost, happens, hostStore, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {fakeServer} from 'src/testing/server';
import {IncidentChannel} from 'src/types/channel';
import {Incident} from 'src/types/incident';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2026, 5, 1, 12);
const PLANNED: IncidentChannel = {archive_after_days: 7, archive_at: Date.now() + (7 * DAY), archived_at: 0};

beforeEach(() => {
    freshHost();
    justKept.clear();
});

const ended = (channel: IncidentChannel): Incident => anIncident({is_active: false, end_at: Date.now(), channel});

/** The incident without anything that becomes of its channel. */
function stays(incident: Incident): Incident {
    const rest = {...incident};
    delete rest.channel;
    return rest;
}

/** The part as the screens show it: with the incident as it is now. */
function Shown({id, of: Part}: {id: string; of: typeof ChannelOfPage}) {
    const {incident} = useIncident(id);
    return incident ? <Part incident={incident}/> : null;
}

function show(incident: Incident, Part = ChannelSummary, routes = {}) {
    const server = fakeServer({'GET /incidents/channels': {body: [incident.channel_id]}, [`GET /incidents/${incident.id}`]: {body: incident}, ...routes});
    incidents.receive(incident);
    const store = hostStore();
    renderWithHost((
        <Shown
            id={incident.id}
            of={Part}
        />
    ), {store});
    return {server, store};
}

const outlook = () => screen.getByTestId('channel-outlook');

it.each<[string, Partial<Incident>, ReturnType<typeof channelState>]>([
    ['nothing is planned', {}, undefined],
    ['the playbook archives it after the end', {channel: {archive_after_days: 7, archive_at: 0, archived_at: 0}}, {kind: 'after_end', days: 7}],
    ['the incident was ended, and it is kept', {is_active: false, channel: {archive_after_days: 7, archive_at: 0, archived_at: 0}}, undefined],
    ['it is planned', {is_active: false, channel: {archive_at: NOW + 1, archived_at: 0}}, {kind: 'planned', at: NOW + 1}],
    ['it was chosen at the end', {is_active: false, channel: {archive_at: NOW, archived_at: 0, by_user_id: ME.id}}, {kind: 'due'}],
    ['it is archived', {is_active: false, channel: {archive_at: 0, archived_at: NOW}}, {kind: 'archived', at: NOW}],
])('what becomes of the channel when %s', (_when, incident, state) => {
    expect(channelState(anIncident(incident), NOW)).toEqual(state);
});

describe('a channel that is to be archived', () => {
    it('is kept, and who did it is told where the button was', async () => {
        const incident = ended(PLANNED);
        const kept = stays({...incident, revision: 2});
        const {server} = show(incident, ChannelSummary, {[`POST /incidents/${incident.id}/channel/keep`]: {body: kept}});
        expect(outlook()).toHaveTextContent(/^The channel will be archived on .*\.Keep the Channel$/);
        await userEvent.click(screen.getByRole('button', {name: 'Keep the Channel'}));
        const note = await screen.findByText('The channel stays.');
        expect(note).toHaveFocus();
        expect(screen.queryByRole('button')).not.toBeInTheDocument();
        expect(server.to('POST', `/incidents/${incident.id}/channel/keep`)).toHaveLength(1);
    });

    it('that was archived meanwhile says so', async () => {
        const incident = ended(PLANNED);
        const archived = {...incident, revision: 2, channel: {archive_at: 0, archived_at: Date.now()}};
        show(incident, ChannelSummary, {
            [`POST /incidents/${incident.id}/channel/keep`]: {status: 409, body: {error: 'e', details: 'Restart the incident to bring it back.', code: 'channel.archived'}},
            [`GET /incidents/channel/${incident.channel_id}`]: {body: archived},
        });
        await userEvent.click(screen.getByRole('button', {name: 'Keep the Channel'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The channel was not kept.');
        await waitFor(() => expect(outlook()).toHaveTextContent(/^The channel was archived on /));
    });

    it('is kept only by those who may change the incident', async () => {
        const incident = ended(PLANNED);
        fakeServer({'GET /incidents/channels': {body: []}});
        renderWithHost(<ChannelOfPage incident={incident}/>);
        await happens(() => undefined);
        expect(outlook()).toHaveTextContent(/^The channel will be archived on /);
        expect(screen.queryByRole('button')).not.toBeInTheDocument();
    });

    it('while the incident is ongoing is a fact of the page', () => {
        show(anIncident({channel: {archive_after_days: 1, archive_at: 0, archived_at: 0}}), ChannelOfPage);
        expect(outlook()).toHaveTextContent('The channel will be archived 1 day after the end.');
    });
});

describe('the restart of an incident whose channel is archived', () => {
    const incident = ended({archive_at: 0, archived_at: Date.now()});
    const again = stays({...incident, is_active: true, end_at: 0, revision: 2});
    const archived = {...TOWN_SQUARE, id: incident.channel_id, delete_at: 5};
    const routes = {
        [`PUT /incidents/${incident.id}/restart`]: {},
        [`GET /incidents/channel/${incident.channel_id}`]: {body: again},
        [`GET host:/channels/${incident.channel_id}`]: {body: archived},
        [`GET host:/channels/${incident.channel_id}/members/me`]: {body: {channel_id: incident.channel_id, user_id: ME.id}},
    };

    async function restart() {
        await userEvent.click(screen.getByRole('button', {name: 'Restart Incident'}));
        const dialog = within(await screen.findByRole('dialog', {name: 'Restart this incident?'}));
        expect(dialog.getByText('Its channel was archived. It comes back with its messages and members.')).toBeInTheDocument();
        await userEvent.click(dialog.getByRole('button', {name: 'Restart Incident'}));
    }

    it('is offered on its page, says that the channel comes back, and brings it back', async () => {
        const {store} = show(incident, ChannelOfPage, routes);
        store.dispatch({type: 'RECEIVED_CHANNEL', data: archived});
        await restart();
        await waitFor(() => expect(channelById(store.getState(), incident.channel_id)?.delete_at).toBe(0));
        await waitFor(() => expect(incidents.read(incident.channel_id).incident?.is_active).toBe(true));
        expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    });

    it('that is refused says why', async () => {
        const refusal = {status: 409, body: {error: 'e', details: 'Another incident is ongoing in the channel.', code: 'channel.incident_ongoing'}};
        show(incident, ChannelOfPage, {...routes, [`PUT /incidents/${incident.id}/restart`]: refusal});
        await restart();
        expect(await screen.findByRole('alert')).toHaveTextContent('The incident was not restarted.');
    });
});
