import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {LONG_WAIT_MS} from 'src/realtime/long_incidents';
import {client} from 'src/query/client';
import {PLUGIN_ID} from 'src/manifest';
import {aStage, anIncident, OTHER_TEAM, TEAM} from 'src/testing/factories';
import {freshHost, hostStore, listen} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {incidentKey} from 'src/store/keys';
import {Incident} from 'src/types/incident';

let emit: (data: Record<string, unknown>) => void;

beforeEach(() => {
    vi.useFakeTimers();
    freshHost();
    const {events} = listen(hostStore());
    emit = (data) => events[`custom_${PLUGIN_ID}_incident_updated`]!({event: '', data, broadcast: {}});
});

afterEach(() => {
    vi.useRealTimers();
});

const changed = ({id, team_id, channel_id, revision, post_revision}: Incident) => emit({payload: '', changed: JSON.stringify({id, team_id, channel_id, revision, post_revision})});
const serve = (...all: Incident[]) => fakeServer(Object.fromEntries(all.flatMap((one) => [
    [`GET /incidents/${one.id}`, {body: one}],
    [`GET /incidents/channel/${one.channel_id}`, {body: one}],
])));
const soon = () => vi.advanceTimersByTimeAsync(2 * LONG_WAIT_MS);
const before = (more: Partial<Incident> = {}) => anIncident({revision: 5, ...more});
const after = (incident: Incident, revision = incident.revision + 1): Incident => ({...incident, revision, name: `changed ${revision}`, checklists: [aStage()]});
const nameOf = ({channel_id: id}: Incident) => incidents.read(id).incident?.name;

describe('an event that a long incident has changed', () => {
    it('asks once for what is shown, however many there are', async () => {
        const incident = before();
        incidents.receive(incident);
        const server = serve(after(incident, 9));
        incidents.watch(incident.channel_id);
        for (const revision of [6, 7, 8, 9]) {
            changed(after(incident, revision));
        }
        expect(nameOf(incident), 'until it has come').toBe(incident.name);
        await soon();
        expect(server.calls.map(({path}) => path)).toEqual([`/incidents/${incident.id}`]);
        expect(incidents.confirmed(incident.channel_id)).toMatchObject({revision: 9, name: 'changed 9'});
        await soon();
        expect(server.calls).toHaveLength(1);
    });

    it('asks once more when another change came meanwhile, and one at a time', async () => {
        const incident = before();
        incidents.receive(incident);
        incidents.watch(incident.channel_id);
        const {answer, give} = later();
        const server = fakeServer({[`GET /incidents/${incident.id}`]: () => answer});
        changed(after(incident, 6));
        await soon();
        changed(after(incident, 7));
        changed(after(incident, 8));
        await soon();
        expect(server.calls).toHaveLength(1);
        server.on({[`GET /incidents/${incident.id}`]: {body: after(incident, 8)}});
        give({body: after(incident, 6)});
        await soon();
        expect(nameOf(incident)).toBe('changed 8');
        expect(server.calls).toHaveLength(2);
    });

    it('asks nothing for what is held already, nor for what a request has brought meanwhile', async () => {
        const incident = before();
        incidents.receive(incident);
        incidents.watch(incident.channel_id);
        const server = serve(after(incident));
        changed(incident);
        changed({...incident, revision: 4, post_revision: 9});
        await soon();
        expect(server.calls).toHaveLength(0);
        changed(after(incident));
        await incidents.load(incident.channel_id);
        await soon();
        expect(server.calls.map(({path}) => path)).toEqual([`/incidents/channel/${incident.channel_id}`]);
    });

    it('is noted for what is not shown, which is asked for when it is', async () => {
        const incident = before();
        incidents.receive(incident);
        const server = serve(after(incident));
        changed(after(incident));
        await soon();
        expect(server.calls).toHaveLength(0);
        incidents.watch(incident.channel_id);
        await soon();
        expect(server.calls).toHaveLength(1);
        expect(nameOf(incident)).toBe('changed 6');
    });

    it('makes the list of my incidents ask for a new one, shown or not', async () => {
        const [shown, hidden] = [before({name: 'shown'}), before({name: 'hidden', team_id: OTHER_TEAM.id})];
        const server = serve(shown, hidden);
        server.on({'GET /incidents': ({query}) => ({body: {total_count: 0, page_count: 0, has_more: false, items: query.team_id === TEAM.id ? [] : [hidden]}})});
        incidents.watchList(TEAM.id);
        const unwatch = incidents.watchList(OTHER_TEAM.id);
        await soon();
        unwatch();
        server.calls.splice(0);
        changed(shown);
        changed(after(hidden));
        await soon();
        expect(server.calls.map(({path}) => path)).toEqual([`/incidents/${shown.id}`]);
        expect(incidents.list(TEAM.id).incidents.map(({name}) => name)).toEqual(['shown']);
        expect(incidents.isIncidentChannel(shown.channel_id)).toBe(true);
        incidents.watchList(OTHER_TEAM.id);
        await soon();
        expect(server.to('GET', '/incidents')).toHaveLength(1);
    });

    it('reaches the page of the incident', async () => {
        const incident = before();
        const server = serve(incident);
        incidents.watchById(incident.id);
        await soon();
        server.calls.splice(0);
        server.on({[`GET /incidents/${incident.id}`]: {body: after(incident)}});
        changed(after(incident));
        await soon();
        expect(client.getQueryData<Incident>(incidentKey(incident.id))?.name).toBe('changed 6');
        expect(server.calls).toHaveLength(1);
    });

    it('is tried again when the server was busy, and given up when it refuses', async () => {
        const incident = before();
        incidents.receive(incident);
        incidents.watch(incident.channel_id);
        const server = fakeServer({[`GET /incidents/${incident.id}`]: {status: 429}});
        changed(after(incident));
        await soon();
        server.on({[`GET /incidents/${incident.id}`]: {body: after(incident)}});
        await vi.advanceTimersByTimeAsync(3000);
        expect(nameOf(incident)).toBe('changed 6');
        server.on({[`GET /incidents/${incident.id}`]: {status: 403}});
        changed(after(incident, 7));
        await vi.advanceTimersByTimeAsync(60_000);
        expect(server.calls).toHaveLength(3);
        server.on({[`GET /incidents/${incident.id}`]: {body: after(incident, 8)}});
        changed(after(incident, 8));
        await soon();
        expect(nameOf(incident)).toBe('changed 8');
    });
});
