import {screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import EraseSection from 'src/capabilities/erase/erase_section';
import {PLUGIN_ID} from 'src/manifest';
import {incidents} from 'src/testing/incidents';
import {anIncident, ME} from 'src/testing/factories';
import {change, freshHost, happens, hostStore, listen, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

const incident = anIncident({name: 'Café is  down'});
const path = `/incidents/${incident.id}/everything`;
const erasure = {incident_id: incident.id, deleted_by_id: ME.id, deleted_at: 1, name_sha256: 'f'.repeat(64)};

function show(roles = 'system_user system_admin') {
    const store = hostStore();
    change(store, (state) => ({...state, entities: {...state.entities, users: {...state.entities.users, profiles: {[ME.id]: {...ME, roles}}}}}));
    const server = fakeServer({[`DELETE ${path}`]: {body: erasure}});
    renderWithHost(<EraseSection incident={incident}/>, {store});
    return server;
}

async function open() {
    await userEvent.click(screen.getByRole('button', {name: 'Delete Incident'}));
    return screen.findByRole('dialog', {name: 'Delete this incident for good?'});
}

const confirm = () => screen.getByRole('button', {name: 'Delete Incident for Good'});
const field = () => screen.getByLabelText('Type the name of the incident');

beforeEach(() => {
    freshHost();
});

describe('deleting an incident', () => {
    it('is offered to system administrators only', () => {
        show('system_user team_admin system_administrator');
        expect(screen.queryByRole('button')).not.toBeInTheDocument();
        expect(document.body).not.toHaveTextContent('Delete');
    });

    it('asks for the name, and archives the channel unless told otherwise', async () => {
        const server = show();
        expect(await open()).toHaveTextContent('“Café is down” is deleted with its tasks');
        expect(field()).toHaveFocus();
        expect(screen.getByLabelText('Archive it')).toBeChecked();
        await userEvent.click(confirm());
        expect(screen.getByText('This is not the name of the incident.')).toBeInTheDocument();
        await userEvent.type(field(), 'Cafe is down{Enter}');
        expect(screen.getByText('This is not the name of the incident.')).toBeInTheDocument();
        expect(server.to('DELETE', path)).toHaveLength(0);
        await userEvent.clear(field());
        expect(screen.queryByText('This is not the name of the incident.')).not.toBeInTheDocument();

        // Composed of two characters, and with one blank: it looks the same.
        await userEvent.type(field(), ' Cafe\u0301 is down {Enter}');
        await waitFor(() => expect(server.to('DELETE', path).map(({body}) => body)).toEqual([{name: 'Café is  down', channel: 'archive'}]));
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(false);
    });

    it('leaves the channel as it is, by keyboard', async () => {
        const server = show();
        await open();
        await userEvent.tab({shift: true});
        await userEvent.keyboard('{ArrowDown}');
        expect(screen.getByLabelText('Leave it as it is')).toBeChecked();
        await userEvent.tab();
        await userEvent.keyboard('Café is down{Enter}');
        await waitFor(() => expect(server.to('DELETE', path).map(({body}) => body)).toEqual([{name: 'Café is  down', channel: 'leave'}]));
    });

    it('that fails is told in the dialog and can be tried again', async () => {
        const server = show();
        server.on({[`DELETE ${path}`]: {status: 500}});
        await open();
        await userEvent.type(field(), 'Café is down');
        await userEvent.click(confirm());
        expect(await screen.findByRole('alert')).toHaveTextContent('The incident could not be deleted.');
        server.on({[`DELETE ${path}`]: {body: erasure}});
        await userEvent.click(confirm());
        await waitFor(() => expect(server.to('DELETE', path)).toHaveLength(2));
        expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    });

    it('is given up by Escape', async () => {
        const server = show();
        await open();
        await userEvent.keyboard('{Escape}');
        expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
        expect(screen.getByRole('button', {name: 'Delete Incident'})).toHaveFocus();
        expect(server.to('DELETE', path)).toHaveLength(0);
    });
});

describe('an incident that somebody else has deleted', () => {
    const deleted = {payload: JSON.stringify({id: incident.id, team_id: incident.team_id, channel_id: incident.channel_id})};

    it('is no longer that of its channel, and an event that was sent before does not bring it back', async () => {
        const {events} = listen(hostStore());
        const emit = (name: string, data: Record<string, unknown>) => events[`custom_${PLUGIN_ID}_${name}`]?.({event: name, data, broadcast: {}});
        incidents.receive(incident);
        const server = fakeServer({[`GET /incidents/${incident.id}`]: {status: 404}});
        await happens(() => emit('incident_deleted', {payload: '{'}));
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(true);
        await happens(() => emit('incident_deleted', deleted));
        await happens(() => emit('incident_updated', {payload: JSON.stringify({...incident, revision: incident.revision + 1})}));
        await happens(() => emit('incident_updated', {payload: '', changed: JSON.stringify({...incident, revision: incident.revision + 2})}));
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(false);
        expect(incidents.read(incident.channel_id).incident).toBeUndefined();
        expect(server.to('GET', `/incidents/${incident.id}`)).toHaveLength(0);
    });
});
