import {beforeEach, describe, expect, it, vi} from 'vitest';

import {ApiError} from 'src/client/http';
import {incidents} from 'src/testing/incidents';
import {changesAnswered} from 'src/store/in_flight';
import {assign, edit, confirmation, move, remove, runCommand, setCommander, setState, TaskPlace} from 'src/store/incident_changes';
import {aStage, aTask, anIncident, BORIS} from 'src/testing/factories';
import {freshHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {Incident, Task} from 'src/types/incident';

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
const titles = () => tasks().map(({title}) => title);
const other = (at: number): TaskPlace => ({...place, taskId: incident.checklists[0]!.items[at]!.id});
const stateUrl = (at: number) => `PUT ${url(`/item/${other(at).taskId}/state`)}`;

/** The server says what the incident has become; everything that follows from it has happened when this is done. */
async function event(fresh: Incident): Promise<void> {
    incidents.receive(fresh);
    await new Promise((resolve) => setTimeout(resolve));
}

/** The incident with these tasks, by their number, changed. */
function changed(revision: number, changes: Record<number, Partial<Task>>): Incident {
    const fresh = structuredClone(incident);
    Object.entries(changes).forEach(([at, task]) => Object.assign(fresh.checklists[0]!.items[Number(at)]!, task));
    return {...fresh, revision};
}

const url = (rest: string) => `/incidents/${incident.id}/checklists/${place.stageId}${rest}`;

describe('a change', () => {
    it('shows at once and is addressed by ids', async () => {
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

    it('is taken back when the request fails', async () => {
        fakeServer({[`PUT ${url(`/item/${place.taskId}/state`)}`]: {status: 403, body: {error: 'You left the channel.', details: '', code: 'x'}}});
        await expect(setState(place, 'closed')).rejects.toMatchObject({status: 403, details: 'You left the channel.', code: 'x'});
        expect(tasks()[0]?.state).toBe('');
    });

    it('is waited for by what builds on it, and by nothing else', async () => {
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

    it('is made true by a request when no event comes', async () => {
        const fresh = structuredClone(incident);
        fresh.revision = 2;
        fresh.checklists[0]!.items[0]!.state = 'closed';
        const server = fakeServer({
            [`PUT ${url(`/item/${place.taskId}/state`)}`]: {body: {}},
            [`GET /incidents/channel/${incident.channel_id}`]: {body: fresh},
        });
        confirmation.timeoutMs = 10;
        await setState(place, 'closed');
        await vi.waitFor(() => expect(incidents.confirmed(incident.channel_id)?.revision).toBe(2), {timeout: 30_000});
        expect(server.to('GET', `/incidents/channel/${incident.channel_id}`)).toHaveLength(1);
        expect(tasks()[0]?.state).toBe('closed');
    });
});

describe('of several changes', () => {
    const states = () => tasks().map(({state}) => state);

    it('each stays until it is confirmed itself, also if other states arrive in between', async () => {
        fakeServer({[stateUrl(0)]: {status: 204}, [stateUrl(1)]: {status: 204}});
        await Promise.all([setState(place, 'closed'), setState(other(1), 'closed')]);
        await event(changed(2, {0: {state: 'closed'}}));
        expect(states()).toEqual(['closed', 'closed', '']);
        await event(changed(3, {0: {state: 'closed'}, 2: {state: 'in_progress'}}));
        expect(states()).toEqual(['closed', 'closed', 'in_progress']);
        await event(changed(4, {0: {state: 'closed'}, 1: {state: 'closed', state_modified_post_id: 'post'}, 2: {state: 'in_progress'}}));
        expect(tasks()[1]?.state_modified_post_id).toBe('post');
    });

    it('one stays when the event of the other came before its answer, and is asked for when its own is lost', async () => {
        const {answer, give} = later();
        const fresh = structuredClone(incident);
        fresh.revision = 3;
        fresh.checklists[0]!.items.slice(0, 2).forEach((task) => Object.assign(task, {state: 'closed'}));
        const server = fakeServer({[stateUrl(0)]: {status: 204}, [stateUrl(1)]: () => answer, [`GET /incidents/channel/${incident.channel_id}`]: {body: fresh}});
        const second = setState(other(1), 'closed');
        await setState(place, 'closed');
        await event(changed(2, {0: {state: 'closed'}}));
        confirmation.timeoutMs = 10;
        give({status: 204});
        await second;
        expect(states()).toEqual(['closed', 'closed', '']);
        await vi.waitFor(() => expect(incidents.confirmed(incident.channel_id)?.revision).toBe(3), {timeout: 30_000});
        expect(server.to('GET', `/incidents/channel/${incident.channel_id}`)).toHaveLength(1);
        expect(states()).toEqual(['closed', 'closed', '']);
    });

    it('none is taken back by the answer to the question about another, when no event comes', async () => {
        const answers = [later(), later()];
        let asked = 0;
        fakeServer({[stateUrl(0)]: {status: 204}, [stateUrl(1)]: {status: 204}, [`GET /incidents/channel/${incident.channel_id}`]: () => answers[asked++]!.answer});
        confirmation.timeoutMs = 10;
        await setState(place, 'closed');
        await vi.waitFor(() => expect(asked).toBe(1), {timeout: 30_000});
        await setState(other(1), 'closed');
        await vi.waitFor(() => expect(asked).toBe(2), {timeout: 30_000});
        answers[0]!.give({body: changed(2, {0: {state: 'closed'}})});
        await event(incident);
        expect(states()).toEqual(['closed', 'closed', '']);
        answers[1]!.give({body: changed(3, {0: {state: 'closed'}, 1: {state: 'closed'}})});
        await vi.waitFor(() => expect(incidents.confirmed(incident.channel_id)?.revision).toBe(3), {timeout: 30_000});
        expect(states()).toEqual(['closed', 'closed', '']);
    });

    it('what somebody else changed again ends with the answer to the question', async () => {
        const fresh = {...structuredClone(incident), revision: 3};
        const {answer, give} = later();
        fakeServer({[stateUrl(0)]: {status: 204}, [`GET /incidents/channel/${incident.channel_id}`]: () => answer});
        confirmation.timeoutMs = 10;
        await setState(place, 'closed');
        await event(changed(3, {}));
        expect(states()).toEqual(['closed', '', '']);
        give({body: fresh});
        await vi.waitFor(() => expect(states()).toEqual(['', '', '']), {timeout: 30_000});
    });

    it('the second of the same thing is shown at once, sent after the first, and stands for it', async () => {
        const {answer, give} = later();
        const server = fakeServer({[stateUrl(0)]: () => answer});
        const done = Promise.all([setState(place, 'closed'), setState(place, '')]);
        expect(states()[0]).toBe('');
        expect(server.calls.map(({body}) => body)).toEqual([{new_state: 'closed'}]);
        give({status: 204});
        await done;
        expect(server.calls.map(({body}) => body)).toEqual([{new_state: 'closed'}, {new_state: ''}]);
        await event(changed(2, {0: {state: 'closed'}}));
        expect(states()[0]).toBe('');
        await event(changed(3, {0: {state: ''}}));
        expect(states()[0]).toBe('');
        await event(changed(4, {0: {state: 'in_progress'}}));
        expect(states()[0]).toBe('in_progress');
    });

    it('the first failing takes nothing of the second', async () => {
        const {answer, give} = later();
        const server = fakeServer({[stateUrl(0)]: () => answer});
        const first = setState(place, 'closed');
        const second = setState(place, 'in_progress');
        server.on({[stateUrl(0)]: {status: 204}});
        give({status: 500});
        await expect(first).rejects.toBeInstanceOf(ApiError);
        await second;
        expect(states()[0]).toBe('in_progress');
    });

    it('the last assignee and the last commander win', async () => {
        const server = fakeServer({[`PUT ${url(`/item/${place.taskId}/assignee`)}`]: {status: 204}, [`POST /incidents/${incident.id}/commander`]: {status: 200}});
        await Promise.all([assign(place, 'somebody'), assign(place, BORIS.id), setCommander(incident, 'somebody'), setCommander(incident, BORIS.id)]);
        await event(changed(2, {0: {assignee_id: 'somebody'}}));
        expect(tasks()[0]?.assignee_id).toBe(BORIS.id);
        expect(incidents.read(incident.channel_id).incident?.commander_user_id).toBe(BORIS.id);
        expect(server.calls.filter(({path}) => path.endsWith('/assignee')).map(({body}) => body)).toEqual([{assignee_id: 'somebody'}, {assignee_id: BORIS.id}]);
        expect(server.calls.filter(({path}) => path.endsWith('/commander')).map(({body}) => body)).toEqual([{commander_id: 'somebody'}, {commander_id: BORIS.id}]);
    });

    it('moves are sent in their order and shown together until they are confirmed', async () => {
        const {answer, give} = later();
        const server = fakeServer({[`PUT ${url('/reorder')}`]: () => answer});
        const done = Promise.all([move(place, 1), move(other(2), 0)]);
        expect(titles()).toEqual(['c', 'b', 'a']);
        expect(server.calls).toHaveLength(1);
        give({status: 204});
        await done;
        expect(server.calls.map(({body}) => body)).toMatchObject([{item_id: place.taskId, new_location: 1}, {item_id: other(2).taskId, item_num: 2, new_location: 0}]);
        const [a, b, c] = incident.checklists[0]!.items;
        await event({...incident, revision: 2, checklists: [{...incident.checklists[0]!, items: [b!, a!, c!]}]});
        expect(titles()).toEqual(['c', 'b', 'a']);
        await event({...incident, revision: 3, checklists: [{...incident.checklists[0]!, items: [c!, b!, a!]}]});
        expect(titles()).toEqual(['c', 'b', 'a']);
        await event({...incident, revision: 4});
        expect(titles()).toEqual(['a', 'b', 'c']);
    });
});

describe('tasks of a running incident', () => {
    it('can be moved', async () => {
        const server = fakeServer({[`PUT ${url('/reorder')}`]: {}});
        await move(place, 2);
        expect(tasks().map(({title}) => title)).toEqual(['b', 'c', 'a']);
        expect(server.calls[0]?.body).toEqual({item_id: place.taskId, item_num: 0, new_location: 2});
    });

    it('can be edited', async () => {
        const server = fakeServer({[`PUT ${url(`/item/${place.taskId}`)}`]: {}});
        await edit(place, {title: 'A', command: '', description: 'why'});
        expect(tasks()[0]).toMatchObject({title: 'A', description: 'why'});
        expect(server.calls[0]?.body).toEqual({title: 'A', command: '', description: 'why'});
    });

    it('are gone when the server has deleted them, not before', async () => {
        fakeServer({[`DELETE ${url(`/item/${place.taskId}`)}`]: {status: 500}});
        await expect(remove(place)).rejects.toBeInstanceOf(ApiError);
        expect(tasks()).toHaveLength(3);
        fakeServer({[`DELETE ${url(`/item/${place.taskId}`)}`]: {status: 204}});
        await remove(place);
        expect(tasks()).toHaveLength(2);
        await event(changed(2, {1: {state: 'closed'}}));
        expect(titles()).toEqual(['b', 'c']);
    });

    it('nothing waits for a command that runs', async () => {
        const {answer, give} = later();
        fakeServer({[`POST ${url(`/item/${place.taskId}/run`)}`]: () => answer});
        const run = runCommand(place, '/echo');
        await changesAnswered(place.channelId);
        give({body: {trigger_id: 't'}});
        expect(await run).toEqual({trigger_id: 't'});
    });
});
