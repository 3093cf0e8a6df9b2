import {screen, waitFor} from '@testing-library/react';
import React from 'react';
import {expect} from 'vitest';

import TimelineTab from 'src/capabilities/timeline/sidebar_tab';
import {Entry, OwnEvent} from 'src/capabilities/timeline/types';
import {emitCapabilityEvent} from 'src/realtime/capability_events';
import {noteMembership} from 'src/store/my_incidents';
import {ME} from 'src/testing/factories';
import {happens, hostStore, renderWithHost} from 'src/testing/host';
import {Call, fakeServer} from 'src/testing/server';
import {Incident} from 'src/types/incident';

/** 2026-03-02, 10:00 UTC. */
export const TEN = Date.UTC(2026, 2, 2, 10);
export const MINUTE = 60_000;

let last = 0;

/** An entry that somebody wrote by hand. */
export function anEntry(entry: Partial<Entry> = {}): Entry {
    const at = entry.happened_at ?? TEN;
    return {
        id: `entry${String(++last).padStart(21, '0')}`,
        incident_id: '',
        kind: 'manual',
        happened_at: at,
        recorded_at: at,
        author_id: ME.id,
        added_by_id: ME.id,
        text: 'The provider confirmed the outage',
        starred: false,
        version: 1,
        edited_at: 0,
        edited_by_id: '',
        deleted_at: 0,
        deleted_by_id: '',
        ...entry,
    };
}

/** An own event of an incident. */
export function anEvent(type: string, sides: Partial<Pick<OwnEvent, 'before' | 'after'>> = {}, entry: Partial<Entry> = {}): Entry {
    return anEntry({kind: 'event', version: 0, added_by_id: '', text: '', event: {revision: 1, type, before: {}, after: {}, post_id: '', ...sides}, ...entry});
}

/** The event that a task was closed. */
export const aClosedTask = (stage: string, task: string, entry: Partial<Entry> = {}) =>
    anEvent('task_state_changed', {after: {checklist_id: stage, item_id: task, title: task, state: 'closed'}}, entry);

/** Sends an entry by websocket. */
export const sendEntry = (entry: Entry) => happens(() => emitCapabilityEvent('timeline_entry_updated', {payload: JSON.stringify(entry)}));

/** A page as the server answers it: the newest entry first when it is asked for. */
export const pageOf = (entries: Entry[], hasMore = false) => ({items: entries, has_more: hasMore, next_cursor: ''});

/** The timeline in the sidebar with these entries, oldest first; `entries` may be changed later. The user is in the channel, unless said otherwise. */
export async function showTimeline(incident: Incident, entries: Entry[], more: Parameters<typeof fakeServer>[0] = {}, isMember = true) {
    const server = fakeServer({
        [`GET /incidents/${incident.id}/timeline`]: ({query}: Call) => ({body: pageOf(query.direction === 'desc' ? [...entries].reverse() : entries)}),
        'GET host:/users*': {body: []},
        ...more,
    });
    if (isMember) {
        noteMembership(incident.team_id, incident.channel_id, true);
    }
    const {rerender} = renderWithHost(<TimelineTab incident={incident}/>, {store: hostStore()});
    await waitFor(() => expect(screen.queryByText('Loading…')).toBeNull());
    let {revision} = incident;
    return {server, grow: () => {
        revision++;
        rerender(<TimelineTab incident={{...incident, revision}}/>);
    }};
}

/** What the rows say that are not folded, in order. */
export const heads = () => screen.getAllByTestId('timeline-entry').map((row) => row.textContent);
