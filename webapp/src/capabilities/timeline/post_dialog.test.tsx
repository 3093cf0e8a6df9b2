import {screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {timelineAtStart} from 'src/capabilities/timeline/at_start';
import PostDialog from 'src/capabilities/timeline/post_dialog';
import {forgetPresence, noteMissingTimeline} from 'src/capabilities/timeline/presence';
import {anEntry} from 'src/capabilities/timeline/testing';
import {noteMembership} from 'src/store/my_incidents';
import {anIncident, aPost, BORIS, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {change, freshHost, hostStore, putPost, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {Call, fakeServer, page} from 'src/testing/server';
import {Channel} from 'src/types/host_rest';

beforeEach(() => {
    freshHost();
    forgetPresence();
});

const incident = anIncident({name: 'Checkout is down'});
const putChannel = (store: ReturnType<typeof hostStore>, channel: Channel) => change(store, (state) => ({
    ...state, entities: {...state.entities, channels: {...state.entities.channels, channels: {...state.entities.channels.channels, [channel.id]: channel}}},
}));

function show(channelId: string, routes: Parameters<typeof fakeServer>[0] = {}) {
    const store = hostStore();
    const post = aPost({channel_id: channelId, message: 'The cache is **cold**', user_id: BORIS.id});
    putPost(store, post);
    const server = fakeServer({
        'GET /incidents': page([{...incident, id: 'ended', name: 'Mail', is_active: false}, incident].map((one) => ({...one, checklists: []}))),
        [`POST /incidents/${incident.id}/timeline`]: {status: 201, body: anEntry({incident_id: incident.id})},
        ...routes,
    });
    incidents.receive(incident);
    const onClose = vi.fn();
    renderWithHost((
        <PostDialog
            postId={post.id}
            onClose={onClose}
        />
    ), {store});
    return {store, post, server, onClose};
}

describe('the dialog', () => {
    it('says who will see a message of the incident, and adds it', async () => {
        const {post, server, onClose} = show(incident.channel_id);
        expect(await screen.findByText('Checkout is down')).toBeInTheDocument();
        expect(screen.getByText('cold').tagName).toBe('STRONG');
        expect(screen.getByTestId('timeline-disclosure')).toHaveTextContent(/^All who may see this incident will see the message.*edited or deleted\.$/);
        expect(screen.queryByRole('combobox')).toBeNull();
        expect(screen.getByText('Add Message')).toHaveFocus();
        await userEvent.click(screen.getByRole('checkbox'));
        await userEvent.click(screen.getByText('Add Message'));
        await waitFor(() => expect(onClose).toHaveBeenCalled());
        expect(server.to('POST', `/incidents/${incident.id}/timeline`).map(({body}) => body)).toEqual([{post_id: post.id, starred: true}]);
        expect(screen.getByText('The message is on the timeline of “Checkout is down” now.', {ignore: '[role=status]'})).toBeInTheDocument();
    });

    it.each([
        ['O', /It comes from the channel Sales, which the entry names/],
        ['P', /private channel Sales.*those who are not in it will see the message/],
        ['D', /comes from a direct message.*seen by all of them/],
        ['G', /comes from a group message/],
    ])('of a channel of type %s it says where the message comes from, and asks for the incident', async (type, text) => {
        const channel = {...TOWN_SQUARE, id: 'sales', name: 'sales', display_name: 'Sales', type};
        const {store, server} = show(channel.id);
        putChannel(store, channel);
        const select = await screen.findByLabelText('Incident');
        expect(select).toHaveValue(incident.id);
        expect([...select.querySelectorAll('option')].map(({textContent}) => textContent)).toEqual(['Checkout is down', 'Mail']);
        expect(screen.getByTestId('timeline-disclosure')).toHaveTextContent(text);
        server.on({'POST /incidents/ended/timeline': {status: 201, body: anEntry({incident_id: 'ended'})}});
        await userEvent.selectOptions(select, 'Mail');
        await userEvent.click(screen.getByText('Add Message'));
        await waitFor(() => expect(server.to('POST', '/incidents/ended/timeline')).toHaveLength(1));
    });

    it('says that a message was there already', async () => {
        const {onClose} = show(incident.channel_id, {[`POST /incidents/${incident.id}/timeline`]: {status: 200, body: anEntry({incident_id: incident.id})}});
        await userEvent.click(await screen.findByText('Add Message'));
        await waitFor(() => expect(onClose).toHaveBeenCalled());
        expect(screen.getByText('The message was on the timeline of “Checkout is down” already.', {ignore: '[role=status]'})).toBeInTheDocument();
    });

    it('stays open with the reason when it fails, and repeats the same request', async () => {
        const {server, onClose} = show(incident.channel_id, {[`POST /incidents/${incident.id}/timeline`]: {status: 409, body: {error: 'The timeline is full.', code: 'timeline.full'}}});
        await userEvent.click(await screen.findByText('Add Message'));
        expect(await screen.findByRole('alert')).toHaveTextContent('The message could not be added. The timeline is full.');
        await userEvent.click(screen.getByText('Add Message'));
        await waitFor(() => expect(server.to('POST', `/incidents/${incident.id}/timeline`)).toHaveLength(2));
        const keys = server.to('POST', `/incidents/${incident.id}/timeline`).map(({headers}: Call) => headers['Idempotency-Key']);
        expect(new Set(keys).size).toBe(1);
        expect(onClose).not.toHaveBeenCalled();
    });
});

describe('the entry in the menu', () => {
    const offered = (post: Parameters<typeof aPost>[0], more?: (store: ReturnType<typeof hostStore>) => void) => {
        const store = hostStore();
        const one = aPost(post);
        putPost(store, one);
        more?.(store);
        return timelineAtStart.postAction?.isOffered(store, one.id);
    };

    it('is not there for those who are in no incident', () => {
        expect(offered({channel_id: TOWN_SQUARE.id})).toBe(false);
    });

    it('is there in an incident and, for its members, elsewhere', () => {
        noteMembership(TEAM.id, incident.channel_id, true);
        expect(offered({channel_id: incident.channel_id})).toBe(true);
        expect(offered({channel_id: TOWN_SQUARE.id})).toBe(true);
        expect(offered({channel_id: incident.channel_id, type: 'burn_on_read'})).toBe(false);
    });

    it('is not there elsewhere when the channel of the incident is archived', () => {
        noteMembership(TEAM.id, incident.channel_id, true);
        const archive = (store: ReturnType<typeof hostStore>) => putChannel(store, {...TOWN_SQUARE, id: incident.channel_id, delete_at: 5});
        expect(offered({channel_id: TOWN_SQUARE.id}, archive)).toBe(false);
        expect(offered({channel_id: incident.channel_id}, archive)).toBe(true);
    });

    it('goes when the server has no timelines', () => {
        noteMembership(TEAM.id, incident.channel_id, true);
        noteMissingTimeline();
        expect(offered({channel_id: incident.channel_id})).toBe(false);
    });
});
