import {fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {followupsAtStart} from 'src/capabilities/followups/at_start';
import {draftOfMessage} from 'src/capabilities/followups/from_message';
import PostDialog from 'src/capabilities/followups/post_dialog';
import {forgetPresence, noteMissingFollowUps} from 'src/capabilities/followups/presence';
import {aFollowUp} from 'src/capabilities/followups/testing';
import {LIMITS} from 'src/capabilities/followups/types';
import {noteMembership} from 'src/store/my_incidents';
import {anIncident, aPost, BORIS, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {change, freshHost, happens, hostStore, putPost, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {fakeServer, page} from 'src/testing/server';
import {Channel} from 'src/types/host_rest';

beforeEach(() => {
    freshHost();
    forgetPresence();
});

const incident = anIncident({name: 'Checkout is down'});
const MESSAGE = '## We need an alert\nNobody saw it for an hour.';

function show(channel: Channel | string) {
    const store = hostStore();
    const channelId = typeof channel === 'string' ? channel : channel.id;
    if (typeof channel !== 'string') {
        change(store, (state) => ({
            ...state, entities: {...state.entities, channels: {...state.entities.channels, channels: {...state.entities.channels.channels, [channelId]: channel}}},
        }));
    }
    const post = aPost({channel_id: channelId, message: MESSAGE, user_id: BORIS.id});
    putPost(store, post);
    const server = fakeServer({
        'GET /incidents': page([{...incident, id: 'ended', name: 'Mail', is_active: false}, incident].map((one) => ({...one, checklists: []}))),
        'GET host:/users': {body: [BORIS]},
        [`POST /incidents/${incident.id}/followups`]: {status: 201, body: aFollowUp({incident_id: incident.id})},
    });
    incidents.receive(incident);
    const onClose = vi.fn();
    renderWithHost((
        <PostDialog
            postId={post.id}
            onClose={onClose}
        />
    ), {store});
    return {post, server, onClose};
}
const dialog = () => within(screen.getByRole('dialog'));
const press = (name: string) => happens(() => fireEvent.click(dialog().getByText(name, {selector: 'button'})));

describe('the dialog', () => {
    it('begins with the message, and makes a follow-up of it', async () => {
        const {post, server, onClose} = show(incident.channel_id);
        expect(await screen.findByText('Checkout is down')).toBeInTheDocument();
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('We need an alert');
        expect(dialog().getByLabelText('Details (optional, Markdown)')).toHaveValue(MESSAGE);
        expect(dialog().queryByRole('combobox', {name: 'Incident'})).toBeNull();
        expect(screen.queryByTestId('followup-disclosure')).toBeNull();
        fireEvent.change(dialog().getByLabelText('What is to be done'), {target: {value: 'Alert when paying fails'}});
        await press('Add');
        await waitFor(() => expect(onClose).toHaveBeenCalled());
        expect(server.to('POST', `/incidents/${incident.id}/followups`).map(({body}) => body)).toEqual([
            {title: 'Alert when paying fails', text: MESSAGE, owner_id: '', link: '', due_at: 0, post_id: post.id},
        ]);
        expect(screen.getByText('The follow-up was added to “Checkout is down”.', {ignore: '[role=status]'})).toBeInTheDocument();
    });

    it('of a message elsewhere it asks for the incident, and says who will read it', async () => {
        const {server} = show({...TOWN_SQUARE, id: 'sales', name: 'sales', display_name: 'Sales', type: 'P'});
        const select = await screen.findByLabelText('Incident');
        expect([...select.querySelectorAll('option')].map(({textContent}) => textContent)).toEqual(['Checkout is down', 'Mail']);
        expect(screen.getByTestId('followup-disclosure')).toHaveTextContent('They will read what you write here.');
        server.on({'POST /incidents/ended/followups': {status: 201, body: aFollowUp({incident_id: 'ended'})}});
        fireEvent.change(dialog().getByLabelText('What is to be done'), {target: {value: 'Mine'}});
        await userEvent.selectOptions(select, 'Mail');
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('Mine');
        await press('Add');
        await waitFor(() => expect(server.to('POST', '/incidents/ended/followups')).toHaveLength(1));
    });

    it('of a message that everybody can read it says nothing of who will read it', async () => {
        show({...TOWN_SQUARE, id: 'open', type: 'O'});
        await screen.findByLabelText('Incident');
        expect(screen.queryByTestId('followup-disclosure')).toBeNull();
    });
});

describe('the form of a message', () => {
    it.each([
        ['Call them', {title: 'Call them', text: ''}],
        ['\n  - [ ] Call them\nToday.\n', {title: '[ ] Call them', text: '- [ ] Call them\nToday.'}],
        ['> They said it', {title: 'They said it', text: '> They said it'}],
        ['**Call** _them_ at [the desk](http://example.com), ~~now~~ `rm -rf *`', {title: 'Call them at the desk, now rm -rf *', text: expect.any(String)}],
        ['snake_case_name and 2 * 3 * 4 stay', {title: 'snake_case_name and 2 * 3 * 4 stay', text: ''}],
        ['```sh\nmake all\n```', {title: 'make all', text: '```sh\nmake all\n```'}],
        ['| *Host* | State |\n|---|---|', {title: 'Host State', text: '| *Host* | State |\n|---|---|'}],
        ['Look at `__init__`, *soon*', {title: 'Look at __init__, soon', text: 'Look at `__init__`, *soon*'}],
        ['', {title: '', text: ''}],
    ])('begins with the first line of %j', (message, draft) => {
        expect(draftOfMessage(message)).toEqual(draft);
    });

    it('is within the limits, and cuts no character in two', () => {
        const draft = draftOfMessage('😀'.repeat(LIMITS.text + 1));
        expect([...draft.title!]).toHaveLength(LIMITS.title);
        expect(draft.title).toMatch(/😀…$/u);
        expect([...draft.text!]).toHaveLength(LIMITS.text);
    });
});

describe('the entry in the menu', () => {
    const offered = (channelId: string) => {
        const store = hostStore();
        const post = aPost({channel_id: channelId});
        putPost(store, post);
        return followupsAtStart.postAction?.isOffered(store, post.id);
    };

    it('is there for members of incidents, on servers that have follow-ups', () => {
        expect(offered(TOWN_SQUARE.id)).toBe(false);
        noteMembership(TEAM.id, incident.channel_id, true);
        expect(offered(incident.channel_id)).toBe(true);
        expect(offered(TOWN_SQUARE.id)).toBe(true);
        noteMissingFollowUps();
        expect(offered(incident.channel_id)).toBe(false);
    });
});
