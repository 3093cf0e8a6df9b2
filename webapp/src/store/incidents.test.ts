import {beforeEach, describe, expect, it, vi} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {aStage, aTask, anIncident, OTHER_TEAM, TEAM} from 'src/testing/factories';
import {freshHost} from 'src/testing/host';
import {fakeServer, later, page} from 'src/testing/server';
import {Incident} from 'src/types/incident';

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
    freshHost();
});

describe('revisions', () => {
    it('keeps the newest of two events', () => {
        const incident = anIncident({revision: 5, name: 'new'});
        incidents.receive(incident);
        incidents.receive({...incident, revision: 4, name: 'old'});
        expect(incidents.read(incident.channel_id).incident?.name).toBe('new');
    });

    it('takes a post id that was attached later to the same revision', () => {
        const incident = anIncident({revision: 5, post_revision: 1});
        incidents.receive(incident);
        incidents.receive({...incident, post_revision: 0, name: 'older'});
        expect(incidents.read(incident.channel_id).incident?.name).toBe(incident.name);
        incidents.receive({...incident, post_revision: 2, name: 'newer'});
        expect(incidents.read(incident.channel_id).incident?.name).toBe('newer');
    });

    it('keeps an update that arrives while an older answer is under way', async () => {
        const incident = anIncident({revision: 1, name: 'as fetched'});
        const {answer, give} = later();
        fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: () => answer});
        const loading = incidents.load(incident.channel_id);
        incidents.receive({...incident, revision: 2, name: 'as in the event'});
        give({body: incident});
        await loading;
        expect(incidents.read(incident.channel_id).incident?.name).toBe('as in the event');
    });

    it('reuses the tasks that did not change', () => {
        const incident = anIncident({checklists: [aStage({items: [aTask(), aTask()]})]});
        incidents.receive(incident);
        const before = incidents.read(incident.channel_id).incident!.checklists[0]!;
        const copy = structuredClone(incident);
        copy.revision = 2;
        copy.checklists[0]!.items[1]!.state = 'closed';
        incidents.receive(copy);
        const after = incidents.read(incident.channel_id).incident!.checklists[0]!;
        expect(after.items[0]).toBe(before.items[0]);
        expect(after.items[1]).not.toBe(before.items[1]);
    });
});

describe('channels', () => {
    it('shows the ongoing incident of a channel, else the newest', () => {
        const first = anIncident({name: 'first', is_active: false, create_at: 1000});
        const second = anIncident({name: 'second', channel_id: first.channel_id, create_at: 2000});
        const shown = () => incidents.read(first.channel_id).incident?.name;
        incidents.receive(first);
        expect(shown()).toBe('first');
        incidents.receive(second);
        expect(shown()).toBe('second');
        incidents.receive({...first, revision: first.revision + 1});
        expect(shown()).toBe('second');
        incidents.receive({...second, revision: second.revision + 1, is_active: false});
        incidents.receive({...first, revision: first.revision + 2});
        expect(shown()).toBe('second');
        incidents.receive({...first, revision: first.revision + 3, is_active: true});
        expect(shown()).toBe('first');
    });

    it('an answer for another channel never replaces what is shown here', async () => {
        const [a, b] = [anIncident({name: 'A'}), anIncident({name: 'B'})];
        const {answer, give} = later();
        fakeServer({
            [`GET /incidents/channel/${a.channel_id}`]: () => answer,
            [`GET /incidents/channel/${b.channel_id}`]: {body: b},
        });
        const loadingA = incidents.load(a.channel_id);
        await incidents.load(b.channel_id);
        give({body: a});
        await loadingA;
        expect(incidents.read(b.channel_id).incident?.name).toBe('B');
        expect(incidents.read(a.channel_id).incident?.name).toBe('A');
    });

    it('asks only for the ids of the channels when a team is entered', async () => {
        const server = fakeServer({'GET /incidents/channels': {body: ['c1', 'c2']}});
        await incidents.loadChannels(TEAM.id);
        expect(server.calls).toHaveLength(1);
        expect(incidents.isIncidentChannel('c2')).toBe(true);
        expect(incidents.isIncidentChannel('c3')).toBe(false);
    });

    it('tries again by itself after the first request has failed', async () => {
        vi.useFakeTimers();
        let fails = true;
        const server = fakeServer({'GET /incidents/channels': () => (fails ? {status: 500} : {body: ['c1']})});
        void incidents.loadChannels(TEAM.id);
        await vi.advanceTimersByTimeAsync(0);
        expect(incidents.isIncidentChannel('c1')).toBe(false);
        fails = false;
        await vi.advanceTimersByTimeAsync(1000);
        expect(incidents.isIncidentChannel('c1')).toBe(true);
        expect(server.calls).toHaveLength(2);
        vi.useRealTimers();
    });

    it('does not wait for the next attempt when a channel is entered', async () => {
        fakeServer({'GET /incidents/channels': {status: 0}});
        void incidents.loadChannels(TEAM.id);
        await settled();
        fakeServer({'GET /incidents/channels': {body: ['c1']}});
        incidents.ensureChannels(TEAM.id);
        await settled();
        expect(incidents.isIncidentChannel('c1')).toBe(true);
    });

    it('keeps a channel that is joined while the request is under way', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        fakeServer({'GET /incidents/channels': () => answer});
        const loading = incidents.loadChannels(TEAM.id);
        incidents.receive(incident);
        give({body: []});
        await loading;
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(true);
    });

    it('a failure that is shown stays until the user tries again, also if one more component shows it', async () => {
        const incident = anIncident();
        const path = `GET /incidents/channel/${incident.channel_id}`;
        const server = fakeServer({[path]: {status: 500}});
        const ends = [incidents.watch(incident.channel_id)];
        await settled();
        ends.push(incidents.watch(incident.channel_id));
        await settled();
        expect(server.calls).toHaveLength(1);
        expect(incidents.read(incident.channel_id).error?.status).toBe(500);

        // Opening it again makes a new attempt.
        ends.forEach((end) => end());
        fakeServer({[path]: {body: incident}});
        incidents.watch(incident.channel_id)();
        await settled();
        expect(incidents.read(incident.channel_id)).toMatchObject({incident: {id: incident.id}, error: undefined});
    });

    it('a channel without an incident is given up', async () => {
        const incident = anIncident();
        incidents.receive(incident);
        fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: {status: 404}});
        await incidents.load(incident.channel_id);
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(false);
        expect(incidents.read(incident.channel_id).incident).toBeUndefined();
    });
});

describe('an answer that was under way', () => {
    it('does not bring back a channel that I was removed from', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        fakeServer({'GET /incidents': () => answer});
        const loading = incidents.loadList(TEAM.id);
        incidents.receive(incident);
        incidents.forget(incident.channel_id);
        give(page([incident]));
        await loading;
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(false);
        expect(incidents.list(TEAM.id).incidents).toHaveLength(0);
    });

    it('does not hide a channel that I was added to again', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        fakeServer({'GET /incidents': () => answer});
        const loading = incidents.loadList(TEAM.id);
        incidents.forget(incident.channel_id);
        incidents.receive({...incident, revision: 2});
        give(page([incident]));
        await loading;
        expect(incidents.list(TEAM.id).incidents.map(({revision}) => revision)).toEqual([2]);
    });

    it('does not bring back an incident that has ended', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        fakeServer({'GET /incidents': () => answer});
        const loading = incidents.loadList(TEAM.id);
        incidents.receive({...incident, revision: 2, is_active: false});
        give(page([incident]));
        await loading;
        expect(incidents.list(TEAM.id).incidents).toHaveLength(0);
    });

    it('does not bring back a status update that was deleted, although the incident is of the same revision', async () => {
        const incident = anIncident({status_posts: [{id: 'p1', create_at: 1, delete_at: 0}]});
        const {answer, give} = later();
        fakeServer({'GET /incidents': () => answer});
        incidents.receive(incident);
        const loading = incidents.loadList(TEAM.id);
        incidents.statusPostDeleted('p1', 5);
        give(page([incident]));
        await loading;
        expect(incidents.read(incident.channel_id).incident?.status_posts[0]?.delete_at).toBe(5);
    });

    it('does not hide an incident that an event has brought', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        const server = fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: () => answer});
        const loading = incidents.load(incident.channel_id);
        incidents.receive(incident);
        server.on({[`GET /incidents/channel/${incident.channel_id}`]: {body: incident}});
        give({status: 404});
        await loading;
        expect(incidents.read(incident.channel_id).incident).toEqual(incident);
    });
});

describe('the list', () => {
    it('holds the ongoing incidents of the team, newest first', async () => {
        const [older, newer] = [anIncident({create_at: 1}), anIncident({create_at: 2})];
        fakeServer({'GET /incidents': page([older, newer])});
        incidents.receive(anIncident({is_active: false}));
        incidents.receive(anIncident({team_id: OTHER_TEAM.id}));
        await incidents.loadList(TEAM.id);
        expect(incidents.list(TEAM.id).incidents.map(({id}) => id)).toEqual([newer.id, older.id]);
    });

    it('asks for ongoing incidents of mine, page by page', async () => {
        const [one, two] = [anIncident(), anIncident()];
        const server = fakeServer({'GET /incidents': ({query}) => (query.page === '0' ? page([one], {has_more: true}) : page([two]))});
        await incidents.loadList(TEAM.id);
        expect(incidents.list(TEAM.id).incidents).toHaveLength(2);
        expect(server.calls.map(({query}) => [query.page, query.status, query.per_page])).toEqual([['0', 'active', '100'], ['1', 'active', '100']]);
    });

    it('gives up incidents that are no longer in the answer', async () => {
        const gone = anIncident();
        incidents.receive(gone);
        fakeServer({'GET /incidents': page([])});
        await incidents.loadList(TEAM.id);
        expect(incidents.list(TEAM.id).incidents).toHaveLength(0);
    });

    it('that was shown before holds the incident of a channel that was joined meanwhile', async () => {
        const [mine, joined] = [anIncident({create_at: 2}), anIncident({create_at: 1})];
        const server = fakeServer({'GET /incidents/channels': {body: [mine.channel_id]}, 'GET /incidents': page([mine])});
        await incidents.loadChannels(TEAM.id);
        incidents.watchList(TEAM.id)();
        await settled();
        server.on({'GET /incidents/channels': {body: [mine.channel_id, joined.channel_id]}, 'GET /incidents': page([joined, mine])});
        await incidents.loadChannels(TEAM.id);
        expect(server.to('GET', '/incidents')).toHaveLength(1);
        const stop = incidents.watchList(TEAM.id);
        await settled();
        expect(incidents.list(TEAM.id)).toMatchObject({incidents: [{id: mine.id}, {id: joined.id}], isLoading: false});
        stop();
    });

    it('stays the same object while nothing changes', async () => {
        fakeServer({'GET /incidents': page([anIncident()])});
        const {seen, renderAgain} = incidents.seenLists(TEAM.id);
        await vi.waitFor(() => expect(seen[seen.length - 1]).toHaveLength(1));
        const last = seen[seen.length - 1];
        renderAgain();
        expect(seen[seen.length - 1]).toBe(last);
    });
});

describe('after a lost connection', () => {
    it('incidents that I was removed from are gone', async () => {
        const [stays, goes] = [anIncident(), anIncident()];
        incidents.receive(stays);
        incidents.receive(goes);
        const stop = incidents.watchList(TEAM.id);
        fakeServer({'GET /incidents': page([stays]), 'GET /incidents/channels': {body: [stays.channel_id]}});
        incidents.reconnect(TEAM.id);
        await settled();
        await settled();
        expect(incidents.list(TEAM.id).incidents.map(({id}) => id)).toEqual([stays.id]);
        expect(incidents.isIncidentChannel(goes.channel_id)).toBe(false);
        stop();
    });

    it('asks again for the incident that is shown, and for no other', async () => {
        const [shown, other] = [anIncident(), anIncident()];
        incidents.receive(shown);
        incidents.receive(other);
        const stop = incidents.watch(shown.channel_id);
        const server = fakeServer({
            'GET /incidents/channels': {body: [shown.channel_id, other.channel_id]},
            [`GET /incidents/channel/${shown.channel_id}`]: {body: {...shown, revision: 9, name: 'Renamed'}},
        });
        incidents.reconnect(TEAM.id);
        await settled();
        expect(incidents.read(shown.channel_id).incident?.name).toBe('Renamed');
        expect(server.calls.map(({path}) => path).sort()).toEqual([`/incidents/channel/${shown.channel_id}`, '/incidents/channels']);
        stop();
    });
});

describe('what is held after a lost connection while the list is shown', () => {
    const renamed = (incident: Incident) => ({[`GET /incidents/channel/${incident.channel_id}`]: {body: {...incident, revision: 2, name: 'Renamed'}}});

    it.each([
        ['one that has ended', false, page([])],
        ['an ongoing one, when the list could not be loaded', true, {status: 500}],
    ])('is asked for when it is shown: %s', async (_, isActive, list) => {
        const incident = anIncident({is_active: isActive});
        incidents.receive(incident);
        const server = fakeServer({'GET /incidents': page(isActive ? [incident] : []), 'GET /incidents/channels': {body: [incident.channel_id]}, ...renamed(incident)});
        const stop = incidents.watchList(TEAM.id);
        await settled();
        server.on({'GET /incidents': list});
        incidents.reconnect(TEAM.id);
        await settled();
        expect(incidents.list(TEAM.id).incidents).toHaveLength(isActive ? 1 : 0);
        const end = incidents.watch(incident.channel_id);
        await settled();
        expect(incidents.read(incident.channel_id).incident?.name).toBe('Renamed');
        end();
        stop();
    });

    it('one that was left and joined again is requested again', async () => {
        const incident = anIncident();
        incidents.receive(incident);
        const end = incidents.watch(incident.channel_id);
        const server = fakeServer({'GET /incidents/channels': {body: []}, [`GET /incidents/channel/${incident.channel_id}`]: {body: incident}});
        incidents.reconnect(TEAM.id);
        await settled();
        end();
        server.on({'GET /incidents/channels': {body: [incident.channel_id]}, ...renamed(incident)});
        await incidents.loadChannels(TEAM.id);
        incidents.watch(incident.channel_id);
        await settled();
        expect(incidents.read(incident.channel_id).incident?.name).toBe('Renamed');
    });
});

describe('what was asked before the connection was lost', () => {
    it('a list that was asked for before is asked for again when it is shown', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        const server = fakeServer({'GET /incidents': () => answer, 'GET /incidents/channels': {body: []}});
        incidents.watchList(TEAM.id)();
        incidents.reconnect(TEAM.id);
        give(page([incident]));
        await settled();
        await settled();
        server.on({'GET /incidents': page([])});
        const stop = incidents.watchList(TEAM.id);
        await settled();
        expect(incidents.list(TEAM.id)).toMatchObject({incidents: [], isLoading: false});
        stop();
    });

    it('an incident that was asked for before is asked for again when it is shown', async () => {
        const incident = anIncident();
        const {answer, give} = later();
        const server = fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: () => answer, 'GET /incidents/channels': {body: [incident.channel_id]}});
        incidents.watch(incident.channel_id)();
        incidents.reconnect(TEAM.id);
        give({body: incident});
        await settled();
        await settled();
        server.on({[`GET /incidents/channel/${incident.channel_id}`]: {body: {...incident, revision: 2}}});
        const stop = incidents.watch(incident.channel_id);
        await settled();
        expect(incidents.read(incident.channel_id).incident?.revision).toBe(2);
        stop();
    });

    it('a public incident that I may still read is not mine any more', async () => {
        const incident = anIncident();
        incidents.receive(incident);
        const stop = incidents.watch(incident.channel_id);
        fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: {body: incident}, 'GET /incidents/channels': {body: []}});
        incidents.reconnect(TEAM.id);
        await settled();
        await settled();
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(false);
        stop();
    });
});

describe('status posts', () => {
    it('notices the deletion of a status update only', () => {
        const incident = anIncident({status_posts: [{id: 'p1', create_at: 1, delete_at: 0}]});
        incidents.receive(incident);
        expect(incidents.statusPostDeleted('another', 5)).toBe(false);
        expect(incidents.statusPostDeleted('p1', 5)).toBe(true);
        expect(incidents.read(incident.channel_id).incident?.status_posts[0]?.delete_at).toBe(5);
    });
});
