import {QueryObserver} from '@tanstack/react-query';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {client} from 'src/query/client';
import {peopleOf} from 'src/store/members';
import {postKey} from 'src/store/posts';
import {wantUsers} from 'src/store/users';
import {channelById, HostStore, userById} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {anIncident, aPost, BORIS, ME, OTHER_TEAM, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {freshHost, hostStore, listen} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {WebSocketMessage} from 'src/host/registry';
import {Post} from 'src/types/host_rest';

let store: HostStore;
let emit: (event: string, data: Record<string, unknown>, broadcast?: WebSocketMessage['broadcast']) => void;
let reconnect: () => void;

const showPost = (id: string) => void new QueryObserver(client, {queryKey: postKey(id)}).subscribe(() => undefined);

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeEach(() => {
    freshHost();
    store = hostStore();
    const {events, reconnected} = listen(store);
    emit = (event, data, broadcast = {}) => events[event]?.({event, data, broadcast});
    reconnect = reconnected;
});

describe('events', () => {
    it('an update reaches the shared copy; an empty payload is ignored', () => {
        const incident = anIncident();
        emit(`custom_${PLUGIN_ID}_incident_updated`, {payload: JSON.stringify(incident)});
        emit(`custom_${PLUGIN_ID}_incident_updated`, {payload: ''});
        emit(`custom_${PLUGIN_ID}_incident_updated`, {payload: '{'});
        expect(incidents.read(incident.channel_id).incident).toEqual(incident);
    });

    it('an incident that is ongoing again takes its channel out of the host’s archive', async () => {
        const incident = anIncident();
        const archived = {...TOWN_SQUARE, id: incident.channel_id, delete_at: 5};
        const membership = {channel_id: incident.channel_id, user_id: ME.id};
        store.dispatch({type: 'RECEIVED_CHANNEL', data: archived});
        const dispatch = vi.spyOn(store, 'dispatch');

        // The server's cache has it archived still.
        const server = fakeServer({[`GET host:/channels/${incident.channel_id}`]: {body: archived}, [`GET host:/channels/${incident.channel_id}/members/me`]: {body: membership}});
        emit(`custom_${PLUGIN_ID}_incident_updated`, {payload: JSON.stringify({...incident, is_active: false})});
        expect(server.calls).toHaveLength(0);
        emit(`custom_${PLUGIN_ID}_incident_updated`, {payload: JSON.stringify({...incident, revision: 2})});
        await vi.waitFor(() => expect(channelById(store.getState(), incident.channel_id)?.delete_at).toBe(0));
        expect(dispatch).toHaveBeenCalledWith({type: 'RECEIVED_MY_CHANNEL_MEMBER', data: membership});
        emit(`custom_${PLUGIN_ID}_incident_updated`, {payload: JSON.stringify({...incident, revision: 3})});
        expect(server.calls).toHaveLength(2);
    });

    it('being removed from a channel removes its incident', () => {
        const incident = anIncident();
        incidents.receive(incident);
        emit('user_removed', {channel_id: incident.channel_id, remover_id: BORIS.id}, {user_id: ME.id});
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(false);
    });

    it('others being removed does not', () => {
        const incident = anIncident();
        incidents.receive(incident);
        emit('user_removed', {user_id: BORIS.id}, {channel_id: incident.channel_id});
        expect(incidents.isIncidentChannel(incident.channel_id)).toBe(true);
    });

    it('joining several channels asks once, and never for the incident of an ordinary channel', async () => {
        const server = fakeServer({'GET /incidents/channels': {body: []}});
        for (const channel of ['c1', 'c2', 'c3']) {
            emit('user_added', {user_id: ME.id, team_id: TEAM.id}, {channel_id: channel});
        }
        await wait(350);
        expect(server.calls.map(({path}) => path)).toEqual(['/incidents/channels']);
    });

    it('joining channels of two teams asks for both', async () => {
        const server = fakeServer({'GET /incidents/channels': {body: []}});
        await incidents.loadChannels(OTHER_TEAM.id);
        emit('user_added', {user_id: ME.id, team_id: OTHER_TEAM.id}, {channel_id: 'c1'});
        emit('user_added', {user_id: ME.id, team_id: TEAM.id}, {channel_id: 'c2'});
        await wait(350);
        expect(server.calls.slice(1).map(({query}) => query.team_id)).toEqual([OTHER_TEAM.id, TEAM.id]);
    });

    it('an edited or deleted post asks for nothing unless it is a status update', async () => {
        const post = aPost();
        const incident = anIncident({status_posts: [{id: post.id, create_at: 1, delete_at: 0}], status_post_ids: [post.id]});
        incidents.receive(incident);
        const server = fakeServer({[`GET /incidents/channel/${incident.channel_id}`]: {body: incident}});
        emit('post_edited', {post: JSON.stringify(aPost({channel_id: incident.channel_id}))});
        emit('post_deleted', {post: JSON.stringify(aPost({channel_id: incident.channel_id}))});
        expect(server.calls).toHaveLength(0);
        emit('post_deleted', {post: JSON.stringify({...post, channel_id: incident.channel_id})});
        await wait(0);
        expect(server.calls).toHaveLength(1);
    });
});

describe('shared requests', () => {
    it('the members of a channel are asked for once, until somebody joins', async () => {
        const server = fakeServer({'GET host:/users': {body: [ME, BORIS]}});
        await Promise.all([peopleOf({in_channel: 'c1'}).load(0), peopleOf({in_channel: 'c1'}).load(0)]);
        await peopleOf({in_channel: 'c1'}).load(0);
        expect(server.calls).toHaveLength(1);
        emit('user_added', {user_id: BORIS.id, team_id: TEAM.id}, {channel_id: 'c1'});
        await peopleOf({in_channel: 'c1'}).load(0);
        expect(server.calls).toHaveLength(2);
    });

    it('the people of the team, and those who are not in a channel, are asked for each time', async () => {
        const server = fakeServer({'GET host:/users': {body: [ME, BORIS]}});
        for (const scope of [{team_id: TEAM.id}, {team_id: TEAM.id, not_in_channel: 'c1'}]) {
            await peopleOf(scope).load(0);
            await peopleOf(scope).load(0);
        }
        expect(server.calls).toHaveLength(4);
    });

    it('unknown users are asked for together', async () => {
        const chen = {...BORIS, id: 'chen', username: 'chen'};
        const server = fakeServer({'POST host:/users/ids': {body: [chen]}});
        wantUsers(store, ['chen']);
        wantUsers(store, ['dora']);
        wantUsers(store, ['chen', ME.id]);
        await wait(50);
        wantUsers(store, ['dora']);
        await wait(50);
        expect(server.calls.map(({body}) => body)).toEqual([['chen', 'dora']]);
        expect(userById(store.getState(), 'chen')).toEqual(chen);
    });
});

it('a reconnect asks again for the status update that is shown', async () => {
    const post = aPost();
    const server = fakeServer({[`GET host:/posts/${post.id}`]: {body: post}, 'GET /incidents/channels': {body: []}});
    showPost(post.id);
    await wait(0);
    reconnect();
    await wait(0);
    expect(server.to('GET', `host:/posts/${post.id}`)).toHaveLength(2);
});

it('an edited status update is not thrown back by an answer that was under way', async () => {
    const post = aPost({message: 'before', edit_at: 0});
    const [first, second] = [later(), later()];
    const server = fakeServer({[`GET host:/posts/${post.id}`]: () => first.answer, 'GET /incidents/channels': {body: []}});
    showPost(post.id);
    server.on({[`GET host:/posts/${post.id}`]: () => second.answer});
    reconnect();
    await wait(0);
    emit('post_edited', {post: JSON.stringify({...post, message: 'after', edit_at: 5})});
    first.give({body: post});
    second.give({body: post});
    await wait(0);
    expect(client.getQueryData<Post>(postKey(post.id))?.message).toBe('after');
});
