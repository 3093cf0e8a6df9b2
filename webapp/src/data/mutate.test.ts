import {beforeEach, describe, expect, it, vi} from 'vitest';

import {ApiError} from 'src/client/http';
import {incidents} from 'src/data/incident_store';
import {changesAnswered, edit, move, patience, remove, setState, TaskPlace} from 'src/data/mutate';
import {aStage, aTask, anIncident} from 'src/testing/factories';
import {freshHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {Incident} from 'src/types/incident';

let incident: Incident;
let place: TaskPlace;

beforeEach(() => {
    freshHost();
    incident = anIncident({checklists: [aStage({items: [aTask({title: 'a'}), aTask({title: 'b'}), aTask({title: 'c'})]})]});
    const stage = incident.checklists[0]!;
    place = {channelId: incident.channel_id, incidentId: incident.id, stageId: stage.id, taskId: stage.items[0]!.id};
    incidents.receive(incident);
});

const tasks = () => incidents.read(incident.channel_id).incident!.checklists[0]!.items;
const url = (rest: string) => `/incidents/${incident.id}/checklists/${place.stageId}${rest}`;

describe('a change', () => {
    it('W68 shows at once and is addressed by ids', async () => {
        const {answer, give} = later();
        const server = fakeServer({[`PUT ${url(`/item/${place.taskId}/state`)}`]: () => answer});
        const done = setState(place, 'closed');
        expect(tasks()[0]?.state).toBe('closed');
        give({body: {}});
        await done;
        expect(tasks()[0]?.state).toBe('closed');
        expect(server.calls[0]?.body).toEqual({new_state: 'closed'});
        expect(server.calls[0]?.headers['X-Requested-With']).toBe('XMLHttpRequest');
    });

    it('W13 is taken back when the request fails', async () => {
        fakeServer({[`PUT ${url(`/item/${place.taskId}/state`)}`]: {status: 403, body: {error: 'You left the channel.', details: '', code: 'x'}}});
        await expect(setState(place, 'closed')).rejects.toMatchObject({status: 403, details: 'You left the channel.', code: 'x'});
        expect(tasks()[0]?.state).toBe('');
    });

    it('W68 is waited for by what builds on it, and by nothing else', async () => {
        const {answer, give} = later();
        fakeServer({[`PUT ${url(`/item/${place.taskId}/state`)}`]: () => answer, [`DELETE ${url(`/item/${place.taskId}`)}`]: () => answer});
        let isAnswered = false;
        const done = Promise.all([setState(place, 'closed'), remove(place)]);
        const waiting = changesAnswered(place.channelId).then(() => {
            isAnswered = true;
        });
        await changesAnswered('another');
        expect(isAnswered).toBe(false);
        give({status: 204});
        await Promise.all([done, waiting]);
        await changesAnswered(place.channelId);
    });

    it('gives way to the event that confirms it', async () => {
        fakeServer({[`PUT ${url(`/item/${place.taskId}/state`)}`]: {body: {}}});
        await setState(place, 'closed');
        const confirmed = structuredClone(incident);
        confirmed.revision = 2;
        Object.assign(confirmed.checklists[0]!.items[0]!, {state: 'closed', state_modified_post_id: 'post'});
        incidents.receive(confirmed);
        await Promise.resolve();
        expect(tasks()[0]?.state_modified_post_id).toBe('post');
    });

    it('W68 is made true by a request when no event comes', async () => {
        const fresh = structuredClone(incident);
        fresh.revision = 2;
        fresh.checklists[0]!.items[0]!.state = 'closed';
        const server = fakeServer({
            [`PUT ${url(`/item/${place.taskId}/state`)}`]: {body: {}},
            [`GET /incidents/channel/${incident.channel_id}`]: {body: fresh},
        });
        patience.event = 10;
        await setState(place, 'closed');
        await vi.waitFor(() => expect(incidents.confirmed(incident.channel_id)?.revision).toBe(2), {timeout: 30_000});
        expect(server.to('GET', `/incidents/channel/${incident.channel_id}`)).toHaveLength(1);
        expect(tasks()[0]?.state).toBe('closed');
    });
});

describe('tasks of a running incident', () => {
    it('W49 can be moved', async () => {
        const server = fakeServer({[`PUT ${url('/reorder')}`]: {}});
        await move(place, 2);
        expect(tasks().map(({title}) => title)).toEqual(['b', 'c', 'a']);
        expect(server.calls[0]?.body).toEqual({item_id: place.taskId, item_num: 0, new_location: 2});
    });

    it('W49 can be edited', async () => {
        const server = fakeServer({[`PUT ${url(`/item/${place.taskId}`)}`]: {}});
        await edit(place, {title: 'A', command: '', description: 'why'});
        expect(tasks()[0]).toMatchObject({title: 'A', description: 'why'});
        expect(server.calls[0]?.body).toEqual({title: 'A', command: '', description: 'why'});
    });

    it('W49 are gone when the server has deleted them, not before', async () => {
        fakeServer({[`DELETE ${url(`/item/${place.taskId}`)}`]: {status: 500}});
        await expect(remove(place)).rejects.toBeInstanceOf(ApiError);
        expect(tasks()).toHaveLength(3);
        fakeServer({[`DELETE ${url(`/item/${place.taskId}`)}`]: {status: 204}});
        await remove(place);
        expect(tasks()).toHaveLength(2);
    });
});
