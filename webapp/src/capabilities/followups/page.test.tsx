import {fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import FollowUpsLink from 'src/capabilities/followups/bar_link';
import FollowUpsPage from 'src/capabilities/followups/page';
import {followUpsPath} from 'src/capabilities/followups/paths';
import {forgetPresence} from 'src/capabilities/followups/presence';
import {LIST_WAIT_MS} from 'src/query/gathered_refresh';
import {aFollowUp, aPage} from 'src/capabilities/followups/testing';
import {emitCapabilityEvent, INCIDENT_DELETED} from 'src/realtime/capability_events';
import {BORIS, ME} from 'src/testing/factories';
import {freshHost, happens, renderWithHost} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';

beforeEach(() => {
    freshHost();
    forgetPresence();
});

const Where = () => <div data-testid='where'>{useLocation().search}</div>;
const show = (query = '') => renderWithHost((
    <>
        <FollowUpsPage/>
        <Where/>
    </>
), {path: followUpsPath('ad-1') + query});
const serve = (answer: Parameters<typeof fakeServer>[0] = {}) => fakeServer({'GET /playbooks': page([]), ...answer});
const lastQuery = (server: ReturnType<typeof fakeServer>) => {
    const all = server.to('GET', '/followups');
    return all[all.length - 1]!.query;
};
const press = (control: HTMLElement) => happens(() => fireEvent.click(control));
const rows = () => screen.queryAllByTestId('followup');

describe('the page of follow-ups', () => {
    it('lists the open ones, those due first', async () => {
        const item = aFollowUp({owner_id: BORIS.id, due_at: Date.now() - 1000, link: 'https://tracker.example.com/7', number: 3});
        const server = serve({'GET /followups': aPage([item])});
        show();
        expect(await screen.findByText('Watch the disk')).toBeInTheDocument();
        expect(lastQuery(server)).toEqual({state: 'open', sort: 'due_at', direction: 'asc', page: '0', per_page: '20'});
        const row = within(rows()[0]!);
        expect(row.getByText('Boris Klein')).toBeInTheDocument();
        expect(row.getByText('Overdue')).toBeInTheDocument();
        expect(row.getByRole('link', {name: /Issue of/})).toHaveAttribute('href', 'https://tracker.example.com/7');
        expect(row.getByRole('link', {name: 'Checkout is down'})).toHaveAttribute('href', expect.stringContaining(`/incidents/${item.incident_id}`));
    });

    it('keeps filters, order and page in the address', async () => {
        const server = serve({'GET /followups': aPage([aFollowUp()], {open: 30, mine: 2, overdue: 5}, {total_count: 30, page_count: 2, has_more: true})});
        show('?page=2');
        await screen.findByText('Previous');
        await press(screen.getByText('Mine'));
        await waitFor(() => expect(lastQuery(server)).toMatchObject({mine: 'true', page: '0'}));
        expect(screen.getByText('Mine')).toHaveAttribute('aria-pressed', 'true');
        await press(screen.getByTitle('State'));
        const states = within(screen.getByRole('menu', {name: 'State'}));
        expect(states.getByRole('menuitemradio', {name: 'Open (2)'})).toHaveFocus();
        await press(states.getByText(/Overdue/));
        await waitFor(() => expect(lastQuery(server)).toMatchObject({mine: 'true', overdue: 'true'}));
        await press(screen.getByText('What is to be done'));
        await waitFor(() => expect(lastQuery(server)).toMatchObject({sort: 'title', direction: 'asc'}));
        const address = new URLSearchParams(screen.getByTestId('where').textContent ?? '');
        expect(Object.fromEntries(address)).toEqual({view: 'overdue', mine: 'true', sort: 'title'});
    });

    it('ignores what is wrong in the address', async () => {
        const server = serve({'GET /followups': aPage([aFollowUp()])});
        show('?view=secret&team=%27&sort=owner&page=-3');
        await screen.findByText('Watch the disk');
        expect(lastQuery(server)).toEqual({state: 'open', sort: 'due_at', direction: 'asc', page: '0', per_page: '20'});
    });

    it('explains follow-ups to somebody who sees none, and says when filters match none', async () => {
        const server = serve({'GET /followups': aPage([])});
        show();
        expect(await screen.findByTestId('no-followups')).toBeInTheDocument();
        server.on({'GET /followups': aPage([], {done: 4})});
        show('?view=overdue');
        expect(await screen.findByText('No follow-up matches these filters.')).toBeInTheDocument();
    });

    it('says why it failed, and tries again', async () => {
        const server = serve({'GET /followups': {status: 500}});
        show();
        expect(await screen.findByRole('alert')).toHaveTextContent('The follow-ups could not be loaded.');
        server.on({'GET /followups': aPage([aFollowUp()])});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByText('Watch the disk')).toBeInTheDocument();
    });

    it('marks one as done, and keeps the focus in the list', async () => {
        const [first, second] = [aFollowUp({title: 'First'}), aFollowUp({title: 'Second'})];
        const server = serve({'GET /followups': aPage([first, second])});
        server.on({[`PATCH /followups/${first.id}`]: () => {
            server.on({'GET /followups': aPage([second])});
            return {body: {...first, state: 'done', revision: 2}};
        }});
        show();
        const box = await screen.findByRole('checkbox', {name: 'Done: First'});
        box.focus();
        await press(box);
        await waitFor(() => expect(rows()).toHaveLength(1));
        expect(server.to('PATCH', `/followups/${first.id}`)[0]!.body).toEqual({state: 'done', revision: 1});
        await waitFor(() => expect(screen.getByRole('checkbox', {name: 'Done: Second'})).toHaveFocus());
    });

    it('drops one with a reason only', async () => {
        const item = aFollowUp();
        const server = serve({'GET /followups': aPage([item]), [`PATCH /followups/${item.id}`]: {body: {...item, state: 'dropped', reason: 'No', revision: 2}}});
        show();
        await userEvent.click(await screen.findByRole('button', {name: 'More for Watch the disk'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Drop'}));
        const dialog = within(screen.getByRole('dialog'));
        expect(dialog.getByRole('textbox')).toHaveFocus();
        await userEvent.click(dialog.getByRole('button', {name: 'Drop'}));
        expect(dialog.getByText('Say why, so that others know later.')).toBeInTheDocument();
        expect(server.to('PATCH', `/followups/${item.id}`)).toHaveLength(0);
        fireEvent.change(dialog.getByRole('textbox'), {target: {value: ' No '}});
        await press(dialog.getByRole('button', {name: 'Drop'}));
        expect(server.to('PATCH', `/followups/${item.id}`)[0]!.body).toEqual({state: 'dropped', reason: 'No', revision: 1});
        expect(screen.queryByRole('dialog')).toBeNull();
    });

    it('a state that somebody else has changed is not overwritten; a title is no obstacle', async () => {
        const item = aFollowUp();
        const conflict = (current: object) => ({status: 409, body: {error: 'changed', details: '', code: 'followup.changed', current, sent: item}});
        let calls = 0;
        const server = serve({'GET /followups': aPage([item]), [`PATCH /followups/${item.id}`]: () => {
            calls++;
            return calls === 1 ? conflict({...item, title: 'Renamed', revision: 2}) : {body: {...item, title: 'Renamed', state: 'done', revision: 3}};
        }});
        show();
        await press(await screen.findByRole('checkbox'));
        expect(server.to('PATCH', `/followups/${item.id}`).map(({body}) => (body as {revision: number}).revision)).toEqual([1, 2]);
        server.on({[`PATCH /followups/${item.id}`]: conflict({...item, state: 'dropped', reason: 'Old', revision: 4})});
        server.on({'GET /followups': aPage([{...item, title: 'Renamed', revision: 3}])});
        await press(await screen.findByRole('checkbox'));
        expect(await screen.findByRole('alert')).toHaveTextContent('was not changed: somebody else has just closed it');
    });

    it('who may not change one sees no menu', async () => {
        const item = aFollowUp({can_edit: false, text: 'All **details**'});
        const server = serve({'GET /followups': aPage([item])});
        show();
        fireEvent.click(await screen.findByRole('checkbox'));
        expect(screen.queryByRole('button', {name: /More for/})).toBeNull();
        await userEvent.click(screen.getByRole('button', {name: '#1 Watch the disk'}));
        expect(within(screen.getByRole('dialog')).getByText('details')).toBeInTheDocument();
        expect(within(screen.getByRole('dialog')).queryByRole('button', {name: 'Edit'})).toBeNull();
        expect(server.calls.filter(({method}) => method === 'PATCH')).toEqual([]);
    });

    it('follows events, keeps what only the user knows, and asks again once', async () => {
        vi.useFakeTimers({shouldAdvanceTime: true});
        const item = aFollowUp();
        const server = serve({'GET /followups': aPage([item])});
        show();
        await screen.findByText('Watch the disk');
        const send = (more: object) => happens(() => emitCapabilityEvent('followup_updated', {payload: JSON.stringify({...item, can_edit: false, ...more})}));
        await send({title: 'Watch all disks', revision: 3});
        expect(screen.getByText('Watch all disks')).toBeInTheDocument();
        expect(screen.getByRole('button', {name: /More for/})).toBeInTheDocument();
        await send({title: 'Older', revision: 2});
        await send({title: 7, revision: 9});
        expect(screen.getByText('Watch all disks')).toBeInTheDocument();
        server.on({'GET /followups': aPage([{...item, title: 'Watch all disks', revision: 3}, aFollowUp({title: 'New one'})])});
        vi.advanceTimersByTime(2 * LIST_WAIT_MS);
        expect(await screen.findByText('New one')).toBeInTheDocument();
        expect(server.to('GET', '/followups')).toHaveLength(2);
        vi.useRealTimers();
    });
});

it('drops the rows of an incident that was deleted, also while the page is being read', async () => {
    const gone = aFollowUp({incident_id: 'gone'});
    const server = serve({'GET /followups': aPage([gone, aFollowUp({title: 'Renew the key'})])});
    show();
    await screen.findByText('Watch the disk');
    const calls = server.to('GET', '/followups').length;
    server.on({'GET /followups': aPage([aFollowUp({title: 'Renew the key'})])});
    await happens(() => emitCapabilityEvent(INCIDENT_DELETED, {id: 'gone'}));
    expect(rows().map(({textContent}) => textContent)).toEqual([expect.stringContaining('Renew the key')]);
    await waitFor(() => expect(server.to('GET', '/followups').length).toBeGreaterThan(calls));
});

describe('the link in the bar', () => {
    const link = (team = 'ad-1') => renderWithHost(<FollowUpsLink team={team}/>);

    it('counts the open ones of the user', async () => {
        serve({'GET /followups': aPage([], {mine: 3, mine_overdue: 1})});
        link();
        const shown = await screen.findByTestId('followupsLHSButton');
        expect(shown).toHaveAttribute('href', followUpsPath('ad-1'));
        expect(shown).toHaveTextContent('Follow-ups33 of yours are open, 1 overdue');
    });

    it('is not there on a server without follow-ups, and is there when they only failed', async () => {
        const server = serve();
        link();
        await waitFor(() => expect(server.to('GET', '/followups')).toHaveLength(1));
        await happens(() => undefined);
        expect(screen.queryByTestId('followupsLHSButton')).toBeNull();
        freshHost();
        serve({'GET /followups': {status: 500, body: {error: 'broken', code: 'internal'}}});
        link();
        expect(await screen.findByTestId('followupsLHSButton')).toHaveTextContent('Follow-ups');
    });
});

it('the details say who added it and from where', async () => {
    const item = aFollowUp({author_id: ME.id, post_id: 'p'.repeat(26), source: 'message'});
    serve({'GET /followups': aPage([item])});
    show();
    await userEvent.click(await screen.findByRole('button', {name: '#1 Watch the disk'}));
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByText('Anna Berg')).toBeInTheDocument();
    expect(dialog.getByRole('link', {name: 'From a message'})).toHaveAttribute('href', `/_redirect/pl/${item.post_id}`);
});
