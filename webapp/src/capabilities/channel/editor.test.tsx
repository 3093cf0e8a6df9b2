import {fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useReducer} from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {channel as capability} from 'src/capabilities/channel';
import ChannelTab from 'src/capabilities/channel/editor_tab';
import {Draft, draftOf, edit, isSame, toPlaybook} from 'src/playbook/draft';
import {aPlaybook, BORIS, ME, TEAM} from 'src/testing/factories';
import {change, freshHost, hostStore, renderWithHost} from 'src/testing/host';
import {Answer, fakeServer, later} from 'src/testing/server';
import {CHANNEL_LIMITS} from 'src/types/channel';
import {Playbook} from 'src/types/playbook';

const OPS = {id: 'ops'.padEnd(26, '0'), name: 'ops', display_name: 'Operations'};
const GONE = {...BORIS, id: 'gone'.padEnd(26, '0'), username: 'gone', first_name: 'Gina', last_name: 'Gone', delete_at: 5};
const DEFAULTS = {playbook: 'p', stage: 's', task: 't'};

let draft: Draft;

function Editor({initial}: {initial: Draft}) {
    const [now, dispatch] = useReducer(edit, initial);
    draft = now;
    return (
        <ChannelTab
            teamId={TEAM.id}
            draft={now}
            dispatch={dispatch}
            unsaved={undefined}
            setUnsaved={() => undefined}
            isChecked={false}
        />
    );
}

function show(playbook: Playbook = aPlaybook(), groups: Answer = {body: [OPS]}, license: Record<string, string> = {IsLicensed: 'true'}) {
    const store = hostStore();
    change(store, (state) => ({...state, entities: {...state.entities, general: {...state.entities.general, license}}}));
    const server = fakeServer({
        'GET host:/users': {body: [BORIS, ME, {...BORIS, id: 'bot', username: 'bot', is_bot: true}]},
        'GET host:/groups': ({query}) => (query.q === undefined || query.q === 'op' ? groups : {body: []}),
        'POST host:/users/ids': ({body}) => ({body: [GONE].filter(({id}) => (body as string[]).includes(id))}),
    });
    renderWithHost(<Editor initial={draftOf(playbook)}/>, {store});
    return server;
}

const days = () => screen.getByRole('spinbutton');
const isValid = () => capability.editorTab!.isValid!(draft);
const sent = (base: Playbook) => toPlaybook(draft, base, DEFAULTS);

beforeEach(() => {
    freshHost();
});

describe('archiving after the end', () => {
    it('is a number of days, or never', () => {
        const playbook = aPlaybook();
        show(playbook);
        expect(days()).toHaveValue(null);
        fireEvent.change(days(), {target: {value: '07'}});
        expect(draft.own.channel).toEqual({archive_after_days: 7});
        expect(days()).toHaveDisplayValue('07');
        fireEvent.change(days(), {target: {value: '0'}});
        expect(draft.own.channel).toBeUndefined();
        fireEvent.change(days(), {target: {value: ''}});
        expect(isSame(draft, draftOf(playbook))).toBe(true);
        expect(sent(playbook)).not.toHaveProperty('channel');
    });

    it('that was taken out is sent as null', () => {
        const playbook = aPlaybook({channel: {archive_after_days: 30}});
        show(playbook);
        expect(days()).toHaveValue(30);
        fireEvent.change(days(), {target: {value: ''}});
        expect(sent(playbook)).toHaveProperty('channel', null);
    });

    it.each(['366', '-1', '1.5'])('of %s days cannot be saved, and says why', (value) => {
        show();
        fireEvent.change(days(), {target: {value}});
        expect(isValid()).toBe(false);
        expect(days()).toHaveAccessibleDescription('Give a whole number from 1 to 365, or nothing.');
        fireEvent.change(days(), {target: {value: '365'}});
        expect(isValid()).toBe(true);
    });
});

describe('people and groups to invite', () => {
    const list = (name: string) => within(screen.getByRole('list', {name}));

    it('are added and removed; without any nothing is left', async () => {
        const playbook = aPlaybook();
        show(playbook);
        await userEvent.click(screen.getByRole('button', {name: 'Add a Person'}));
        expect((await screen.findAllByRole('option')).map(({textContent}) => textContent)).toEqual([expect.stringContaining('@boris'), expect.stringContaining('@anna')]);
        await userEvent.click(screen.getByRole('option', {name: /boris/}));
        await userEvent.click(await screen.findByRole('button', {name: 'Add a Group'}));
        await userEvent.type(screen.getByRole('combobox'), 'op');
        await userEvent.click(await screen.findByRole('option', {name: /Operations/}));
        expect(draft.own.invitations).toEqual({user_ids: [BORIS.id], group_ids: [OPS.id]});
        expect(list('Invited people').getByRole('listitem')).toHaveTextContent('Boris Klein');
        expect(list('Invited groups').getByRole('listitem')).toHaveTextContent('Operations@ops');
        const remove = list('Invited people').getByRole('button', {name: 'Remove'});
        expect(remove).toHaveAccessibleDescription('Boris Klein');
        await userEvent.click(remove);
        await userEvent.click(list('Invited groups').getByRole('button', {name: 'Remove'}));
        expect(draft.own.invitations).toBeUndefined();
        expect(isSame(draft, draftOf(playbook))).toBe(true);
    });

    it('an answer that comes late brings nobody back who was removed meanwhile', async () => {
        const playbook = aPlaybook({invitations: {user_ids: [ME.id], group_ids: [OPS.id]}});
        const server = show(playbook);
        const {answer, give} = later();
        server.on({'POST host:/users/search': () => answer});
        await userEvent.click(screen.getByRole('button', {name: 'Add a Person'}));
        await screen.findByRole('option', {name: /boris/});
        await userEvent.keyboard('bor{Enter}');
        fireEvent.mouseDown(document.body);
        await waitFor(() => expect(screen.queryByRole('combobox')).not.toBeInTheDocument());
        await userEvent.click(list('Invited people').getByRole('button', {name: 'Remove'}));
        give({body: [BORIS]});
        await waitFor(() => expect(draft.own.invitations).toEqual({user_ids: [BORIS.id], group_ids: [OPS.id]}));
    });

    it('who are chosen are not offered again', async () => {
        show(aPlaybook({invitations: {user_ids: [BORIS.id], group_ids: []}}));
        await userEvent.click(screen.getByRole('button', {name: 'Add a Person'}));
        expect(await screen.findByRole('option', {name: /anna/})).toBeInTheDocument();
        expect(screen.queryByRole('option', {name: /boris/})).not.toBeInTheDocument();
    });

    it('who are deactivated or gone are shown as such, and can be removed', async () => {
        const unknown = 'x'.repeat(26);
        show(aPlaybook({invitations: {user_ids: [GONE.id, unknown], group_ids: [unknown]}}));
        expect(await screen.findByText('Unknown person')).toBeInTheDocument();
        expect(await screen.findByText('Unknown group')).toBeInTheDocument();
        expect(list('Invited people').getAllByRole('listitem').map(({textContent}) => textContent)).toEqual(['Gina GonedeactivatedRemove', `Unknown person${unknown}Remove`]);
        await userEvent.click(list('Invited people').getAllByRole('button')[1]!);
        await userEvent.click(list('Invited groups').getByRole('button'));
        expect(draft.own.invitations).toEqual({user_ids: [GONE.id], group_ids: []});
    });

    it.each([403, 501])('groups are not offered by a server that has none (status %s); those of the playbook stay', async (status) => {
        const playbook = aPlaybook({invitations: {user_ids: [], group_ids: [OPS.id]}});
        show(playbook, {status, body: {}});
        expect(await screen.findByText('Unknown group')).toBeInTheDocument();
        expect(screen.queryByRole('button', {name: 'Add a Group'})).not.toBeInTheDocument();
        expect(screen.queryByRole('alert')).not.toBeInTheDocument();
        expect(sent(playbook)).toMatchObject({invitations: {user_ids: [], group_ids: [OPS.id]}});
    });

    it('groups are not asked for without a license; those of the playbook stay', () => {
        const server = show(aPlaybook({invitations: {user_ids: [], group_ids: [OPS.id]}}), {status: 501}, {IsLicensed: 'false'});
        expect(screen.getByText('Unknown group')).toBeInTheDocument();
        expect(server.to('GET', 'host:/groups')).toHaveLength(0);
    });

    it('groups that could not be loaded can be tried again', async () => {
        const server = show(aPlaybook(), {status: 500, body: {}});
        expect(await screen.findByRole('alert')).toHaveTextContent('The groups could not be loaded.');
        server.on({'GET host:/groups': {body: [OPS]}});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByRole('button', {name: 'Add a Group'})).toBeInTheDocument();
    });

    it('are a hundred people at most', () => {
        show(aPlaybook({invitations: {user_ids: Array.from({length: CHANNEL_LIMITS.people}, (_, n) => `u${n}`.padEnd(26, 'x')), group_ids: []}}));
        const add = screen.getByRole('button', {name: 'Add a Person'});
        expect(add).toHaveAttribute('aria-disabled', 'true');
        fireEvent.click(add);
        expect(screen.queryByRole('listbox')).not.toBeInTheDocument();
        expect(screen.getByText('A playbook invites at most 100 people.')).toBeInTheDocument();
    });
});
