import {act, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {READ_WAIT_MS} from 'src/capabilities/timeline/feed';
import {forgetPresence} from 'src/capabilities/timeline/presence';
import TimelineTab from 'src/capabilities/timeline/sidebar_tab';
import {aClosedTask, anEntry, anEvent, heads, MINUTE, pageOf, sendEntry, showTimeline, TEN} from 'src/capabilities/timeline/testing';
import {Entry} from 'src/capabilities/timeline/types';
import {emitCapabilityEvent, POST_DELETED} from 'src/realtime/capability_events';
import {noteMembership} from 'src/store/my_incidents';
import {anIncident, aStage, BORIS, ME} from 'src/testing/factories';
import {freshHost, happens, hostStore, renderWithHost} from 'src/testing/host';
import {Call, fakeServer, later} from 'src/testing/server';
import {wholeText} from 'src/testing/texts';
import {Incident} from 'src/types/incident';

let incident: Incident;

beforeEach(() => {
    freshHost();
    forgetPresence();
    vi.useRealTimers();
    incident = anIncident({checklists: [aStage({id: 'triage', title: 'Triage'})]});
});

const mine = (entry: Partial<Entry> = {}) => anEntry({...entry, incident_id: incident.id});
const path = () => `/incidents/${incident.id}/timeline`;

const show = (entries: Entry[], more?: Parameters<typeof showTimeline>[2], isMember?: boolean) => showTimeline(incident, entries, more, isMember);

const lists = (server: ReturnType<typeof fakeServer>) => server.to('GET', path()).map(({query}) => query);

describe('the list', () => {
    it('shows what happened, oldest first, from one page of the newest', async () => {
        const {server} = await show([
            mine({...anEvent('started', {}, {author_id: ME.id})}),
            mine({kind: 'update', text: 'All **down**', author_id: BORIS.id, happened_at: TEN + MINUTE}),
            mine({kind: 'message', text: 'It began at ten', author_id: BORIS.id, added_by_id: ME.id, happened_at: TEN + (2 * MINUTE), source: {post_id: 'p1', channel_id: 'c', channel_name: 'Support', gone: false}}),
            mine({happened_at: TEN + (3 * MINUTE)}),
        ]);
        expect(heads()).toEqual([
            expect.stringContaining('Anna Berg started the incident'),
            expect.stringContaining('Boris Klein posted a status update'),
            expect.stringContaining('Boris Klein wrote in Support'),
            expect.stringContaining('The provider confirmed the outage'),
        ]);
        expect(screen.getByText('down').tagName).toBe('STRONG');
        expect(heads()[2]).toContain('Added by Anna Berg');
        expect(screen.getByRole('link', {name: /:02/})).toHaveAttribute('href', '/_redirect/pl/p1');
        expect(lists(server)).toEqual([{direction: 'desc', per_page: '30'}]);
    });

    it('folds tasks into a line that opens, and keeps key moments apart', async () => {
        await show([
            ...['one', 'two', 'three'].map((task) => mine(aClosedTask('triage', task, {author_id: ME.id, incident_id: incident.id}))),
            mine(aClosedTask('triage', 'four', {starred: true, version: 1, incident_id: incident.id})),
        ]);
        const group = screen.getByTestId('timeline-group');
        expect(group).toHaveTextContent('3 tasks finished in Triage');
        expect(group).toHaveAttribute('aria-expanded', 'false');
        expect(screen.queryByText(wholeText('one'))).toBeNull();
        group.focus();
        await userEvent.keyboard('{Enter}');
        expect(group).toHaveAttribute('aria-expanded', 'true');
        expect(screen.getByText(wholeText('one'))).toBeInTheDocument();
        expect(heads()[0]).toContain('four');
    });

    it('shows both versions of an edited message, and that it was deleted', async () => {
        await show([mine({
            kind: 'message', text: 'After', original: {text: 'Before', happened_at: TEN}, edited_at: TEN + MINUTE, edited_by_id: BORIS.id, author_id: BORIS.id, version: 2,
            source: {post_id: 'p1', channel_id: incident.channel_id, gone: true},
        })]);
        expect(screen.getByText('After')).toBeInTheDocument();
        expect(screen.getByText('The message was deleted since.')).toBeInTheDocument();
        expect(screen.queryByRole('link')).toBeNull();
        expect(screen.queryByText('Before')).toBeNull();
        await userEvent.click(screen.getByText('Show the first version'));
        expect(screen.getByText('Before')).toBeInTheDocument();
    });

    it('reads earlier entries by the place of the first one', async () => {
        const [old, fresh] = [mine({happened_at: TEN - MINUTE, text: 'Earlier'}), mine({text: 'Now'})];
        const {server} = await show([], {[`GET ${path()}`]: ({query}: Call) => ({body: query.cursor ? pageOf([old]) : pageOf([fresh], true)})});
        await userEvent.click(screen.getByText('Earlier Entries'));
        expect(await screen.findByText('Earlier')).toBeInTheDocument();
        expect(lists(server)[1]).toEqual({direction: 'desc', per_page: '60', cursor: `${TEN}.${TEN}.${fresh.id}`});
        expect(screen.queryByText('Earlier Entries')).toBeNull();
    });

    it('says why it could not be loaded, and tries again', async () => {
        const {server} = await show([], {[`GET ${path()}`]: {status: 0}});
        expect(screen.getByRole('alert')).toHaveTextContent('The timeline could not be loaded. The server could not be reached.');
        server.on({[`GET ${path()}`]: {body: pageOf([mine()])}});
        await userEvent.click(screen.getByText('Try Again'));
        expect(await screen.findByText('The provider confirmed the outage')).toBeInTheDocument();
    });

    it('says that a server has no timelines', async () => {
        await show([], {[`GET ${path()}`]: {status: 404, body: 'page not found'}});
        expect(screen.getByText('This server has no timelines')).toBeInTheDocument();
    });

    it('filters by kind, person and star on the server', async () => {
        const {server} = await show([mine()]);
        await userEvent.selectOptions(screen.getByLabelText('Kind of entries'), 'Course of the incident');
        await userEvent.click(screen.getByRole('button', {name: 'Only key moments'}));
        await waitFor(() => expect(lists(server)[2]).toMatchObject({kind: 'incident,commander,stage,reminder,other', starred: 'true'}));
        server.on({[`GET ${path()}`]: {body: pageOf([])}});
        await userEvent.selectOptions(screen.getByLabelText('Kind of entries'), 'Messages');
        await userEvent.click(await screen.findByText('Show All Entries'));
        await waitFor(() => expect(lists(server).pop()).toEqual({direction: 'desc', per_page: '30'}));
    });

    it('is moved through with the arrow keys; the Tab key finds one row', async () => {
        await show([mine({text: 'First'}), mine({text: 'Second', happened_at: TEN + 1}), mine({text: 'Third', happened_at: TEN + 2})]);
        const stars = screen.getAllByRole('button', {name: 'Key moment'});
        expect(stars.map(({tabIndex}) => tabIndex)).toEqual([-1, -1, 0]);
        stars[2]!.focus();
        await userEvent.keyboard('{ArrowUp}');
        expect(stars[1]).toHaveFocus();
        expect(stars.map(({tabIndex}) => tabIndex)).toEqual([-1, 0, -1]);
        await userEvent.keyboard('{Home}');
        expect(stars[0]).toHaveFocus();
        await userEvent.keyboard('{End}');
        expect(stars[2]).toHaveFocus();
    });
});

describe('the limit', () => {
    const counted = (count: number) => ({[`GET ${path()}`]: {body: {...pageOf([mine()]), entry_count: count}}});

    it('is not told of before 9,000 entries', async () => {
        await show([], counted(8999));
        expect(screen.queryByTestId('timeline-limit')).toBeNull();
        expect(screen.getByLabelText('What happened?')).toBeInTheDocument();
    });

    it('is told of from 9,000 entries on, and counts what is added', async () => {
        const {server} = await show([], counted(9000));
        expect(screen.getByTestId('timeline-limit')).toHaveTextContent('9,000 of at most 10,000 entries were added, so 1,000 more can be.');
        server.on(counted(9001));
        await sendEntry(mine({happened_at: TEN + MINUTE}));
        await waitFor(() => expect(screen.getByTestId('timeline-limit')).toHaveTextContent('9,001 of'));
        expect(lists(server).map(({per_page: most}) => most)).toEqual(['30', '1']);
    });

    it('takes the form away when nothing more can be added', async () => {
        await show([], counted(10_000));
        expect(screen.getByTestId('timeline-limit')).toHaveTextContent('All 10,000 entries that a timeline can have were added.');
        expect(screen.queryByLabelText('What happened?')).toBeNull();
    });
});

describe('live', () => {
    it('entries of others appear and are said, newest last', async () => {
        await show([mine({text: 'First'})]);
        await sendEntry(mine({text: 'A call', happened_at: TEN + MINUTE, author_id: BORIS.id, added_by_id: BORIS.id}));
        expect(heads()[1]).toContain('A call');
        await waitFor(() => expect(screen.getByTestId('incident-live-region')).toHaveTextContent('New on the timeline, by Boris Klein: A call'));
        await sendEntry(anEntry({incident_id: 'another', text: 'Elsewhere'}));
        expect(screen.queryByText('Elsewhere')).toBeNull();
    });

    it('an entry is put only into what its filter selects', async () => {
        const entries = [mine({text: 'First'})];
        await show(entries);
        await userEvent.selectOptions(screen.getByLabelText('Kind of entries'), 'Tasks');
        await waitFor(() => expect(screen.queryByText('Loading…')).toBeNull());
        const news = mine({text: 'No task', happened_at: TEN + MINUTE, added_by_id: BORIS.id});
        entries.push(news);
        await sendEntry(news);
        expect(screen.queryByText('No task')).toBeNull();
        await userEvent.selectOptions(screen.getByLabelText('Kind of entries'), 'All entries');
        expect(await screen.findByText('No task')).toBeInTheDocument();
    });

    it('a deleted entry becomes a mark', async () => {
        const entry = mine({text: 'Wrong'});
        await show([entry]);
        await sendEntry({...entry, text: '', version: 2, deleted_at: TEN + MINUTE, deleted_by_id: BORIS.id});
        expect(heads()[0]).toContain('Boris Klein deleted an entry here');
        expect(screen.queryByText('Wrong')).toBeNull();
    });

    it('a message that is deleted in the channel is shown as deleted, and stays', async () => {
        await show([mine({kind: 'message', text: 'Evidence', source: {post_id: 'p1', channel_id: incident.channel_id, gone: false}})]);
        await happens(() => emitCapabilityEvent(POST_DELETED, {id: 'p1'}));
        expect(screen.getByText('The message was deleted since.')).toBeInTheDocument();
        expect(screen.getByText('Evidence')).toBeInTheDocument();
        expect(screen.queryByRole('link')).toBeNull();
    });

    it('own events are read on from the last one, once for many changes', async () => {
        const first = mine({...anEvent('started'), incident_id: incident.id});
        const {server, grow} = await show([first]);
        server.on({[`GET ${path()}`]: {body: pageOf([first, mine({...anEvent('ended', {}, {author_id: BORIS.id, happened_at: TEN + MINUTE}), incident_id: incident.id})])}});
        vi.useFakeTimers({shouldAdvanceTime: true});
        for (let n = 0; n < 5; n++) {
            await happens(grow);
        }
        expect(await screen.findByText(wholeText('Boris Klein ended the incident'))).toBeInTheDocument();
        await act(async () => {
            await vi.advanceTimersByTimeAsync(READ_WAIT_MS * 3);
        });
        const asked = lists(server).slice(1);
        expect(asked.length).toBeLessThanOrEqual(2);
        expect(asked[0]).toMatchObject({direction: 'asc', cursor: `${TEN - 10_000}.0.${'0'.repeat(26)}`});
    });

    it('an entry that is too long for an event is read', async () => {
        const long = mine({text: 'Long', happened_at: TEN + MINUTE});
        await show([mine()], {[`GET ${path()}/${long.id}`]: {body: {...long, versions: []}}});
        await happens(() => emitCapabilityEvent('timeline_entry_updated', {payload: '', changed: JSON.stringify({id: long.id, incident_id: incident.id, version: 1})}));
        expect(await screen.findByText('Long')).toBeInTheDocument();
    });
});

it('an answer that is late does not undo what an event has brought', async () => {
    const {answer, give} = later();
    const entry = mine({text: 'Old'});
    fakeServer({[`GET ${path()}`]: () => answer});
    noteMembership(incident.team_id, incident.channel_id, true);
    renderWithHost(<TimelineTab incident={incident}/>, {store: hostStore()});
    await sendEntry({...entry, text: 'New', version: 2});
    await happens(() => give({body: pageOf([entry])}));
    expect(await screen.findByText('New')).toBeInTheDocument();
    expect(screen.queryByText('Old')).toBeNull();
});
