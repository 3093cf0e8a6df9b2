import {QueryObserver} from '@tanstack/react-query';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {ApiError, hostUrl, NOT_IN_TIME, request, WAIT} from 'src/client/http';
import {incidents} from 'src/testing/incidents';
import {changesAnswered} from 'src/store/in_flight';
import {remove, setState, TaskPlace} from 'src/store/incident_changes';
import {client} from 'src/query/client';
import {aStage, aTask, anIncident} from 'src/testing/factories';
import {freshHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {Incident} from 'src/types/incident';

beforeEach(() => {
    freshHost();
    vi.useFakeTimers();
});

afterEach(() => {
    vi.useRealTimers();
});

const never = () => later().answer;
const settled = (promise: Promise<unknown>) => {
    const outcome: {error?: unknown; isDone?: boolean} = {};
    promise.then(() => Object.assign(outcome, {isDone: true}), (error: unknown) => Object.assign(outcome, {error}));
    return outcome;
};

describe('a request that hangs', () => {
    it('is given up after a while', async () => {
        fakeServer({'GET host:/x': never});
        const outcome = settled(request('GET', hostUrl('/x')));
        await vi.advanceTimersByTimeAsync(WAIT.answer - 1);
        expect(outcome).toEqual({});
        await vi.advanceTimersByTimeAsync(1);
        expect(outcome.error).toBeInstanceOf(ApiError);
        expect(outcome.error).toMatchObject({status: 0, code: NOT_IN_TIME});
    });

    it('is given up at once by its signal, whether or not the network heeds it', async () => {
        fakeServer({'GET host:/x': never});
        const abort = new AbortController();
        const outcome = settled(request('GET', hostUrl('/x'), {signal: abort.signal}));
        abort.abort();
        await vi.advanceTimersByTimeAsync(0);
        expect(outcome.error).toMatchObject({name: 'AbortError'});
        expect(vi.getTimerCount()).toBe(0);
    });

    it('leaves nothing behind when it is answered', async () => {
        fakeServer({'GET host:/x': {body: 1}});
        await request('GET', hostUrl('/x'));
        expect(vi.getTimerCount()).toBe(0);
    });

    it('of a view is shown and not repeated by itself', async () => {
        const server = fakeServer({'GET host:/x': never});
        const stop = new QueryObserver(client, {queryKey: ['x'], queryFn: ({signal}) => request('GET', hostUrl('/x'), {signal})}).subscribe(() => undefined);
        await vi.advanceTimersByTimeAsync(WAIT.answer * 5);
        expect(server.calls).toHaveLength(1);
        expect(client.getQueryState(['x'])?.error).toMatchObject({code: NOT_IN_TIME});
        stop();
    });
});

describe('changes of a task', () => {
    let incident: Incident;
    let place: TaskPlace;
    let path: string;
    let server: ReturnType<typeof fakeServer>;

    beforeEach(() => {
        incident = anIncident({checklists: [aStage({items: [aTask()]})]});
        const stage = incident.checklists[0]!;
        place = {channelId: incident.channel_id, incidentId: incident.id, stageId: stage.id, taskId: stage.items[0]!.id};
        path = `/incidents/${incident.id}/checklists/${stage.id}/item/${place.taskId}`;
        incidents.receive(incident);
        server = fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: {body: incident}});
    });

    const state = () => incidents.read(incident.channel_id).incident!.checklists[0]!.items[0]!.state;

    it.each([
        ['hangs', never],
        ['is cut off', () => ({status: 0})],
        ['fails', () => ({status: 503})],
    ])('go on when an earlier one %s', async (_, first) => {
        let sent = 0;
        server.on({[`PUT ${path}/state`]: () => (sent++ === 0 ? first() : {})});
        const [one, two] = [settled(setState(place, 'closed')), settled(setState(place, 'in_progress'))];
        expect(state()).toBe('in_progress');
        await vi.advanceTimersByTimeAsync(WAIT.change);
        expect(one.error).toBeInstanceOf(ApiError);
        expect(two.isDone).toBe(true);
        expect(server.to('PUT', `${path}/state`).map(({body}) => body)).toEqual([{new_state: 'closed'}, {new_state: 'in_progress'}]);
        expect(state()).toBe('in_progress');
    });

    it('that no answer came to are taken back, and what is true is asked for', async () => {
        server.on({[`PUT ${path}/state`]: never});
        const outcome = settled(setState(place, 'closed'));
        expect(state()).toBe('closed');
        server.on({[`GET /incidents/channel/${incident.channel_id}`]: {body: {...incident, revision: 2, checklists: [{...incident.checklists[0]!, items: [{...incident.checklists[0]!.items[0]!, state: 'closed'}]}]}}});
        await vi.advanceTimersByTimeAsync(WAIT.change);
        expect(outcome.error).toMatchObject({code: NOT_IN_TIME});
        expect(server.to('GET', `/incidents/channel/${incident.channel_id}`)).toHaveLength(1);
        expect(state()).toBe('closed');
    });

    it('hold up nothing else for longer than the wait', async () => {
        server.on({[`DELETE ${path}`]: never});
        const outcome = settled(remove(place));
        const waiting = settled(changesAnswered(incident.channel_id));
        await vi.advanceTimersByTimeAsync(WAIT.change);
        expect(outcome.error).toMatchObject({code: NOT_IN_TIME});
        expect(waiting.isDone).toBe(true);
    });
});
