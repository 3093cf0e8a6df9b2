import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {followChannel} from 'src/app/auto_open';
import {incidents} from 'src/testing/incidents';
import {LIST_WAIT_MS} from 'src/query/gathered_refresh';
import {MOST_REPETITIONS} from 'src/query/retry';
import {ME, OTHER_TEAM, TEAM} from 'src/testing/factories';
import {freshHost, goTo, hostStore, listen} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';

const CHANNELS = 'GET /incidents/channels';
const LONG = 3_600_000;

beforeEach(() => {
    freshHost();
    vi.useFakeTimers();
});

afterEach(() => {
    vi.useRealTimers();
});

function enterTeam(status: number, body?: unknown) {
    const server = fakeServer({[CHANNELS]: {status, body}, 'GET /incidents': page([])});
    const store = hostStore();
    const handlers = listen(store);
    const end = followChannel(store, () => undefined);
    return {store, handlers, end, asked: () => server.to('GET', '/incidents/channels').length, server};
}

describe('the question for the channels of my incidents', () => {
    it.each([400, 401, 403, 404])('is not repeated after the answer %d', async (status) => {
        const {store, asked, end} = enterTeam(status, {error: 'guests may not'});
        await vi.advanceTimersByTimeAsync(LONG);
        expect(asked()).toBe(1);
        goTo(store, 'another-channel');
        goTo(store, 'one-more-channel');
        await vi.advanceTimersByTimeAsync(LONG);
        expect(asked()).toBe(1);
        end();
    });

    it.each([0, 429, 500, 503])('is repeated less and less often after the answer %d, and not for ever', async (status) => {
        const {asked, end} = enterTeam(status);
        await vi.advanceTimersByTimeAsync(1000);
        expect(asked()).toBe(2);
        await vi.advanceTimersByTimeAsync(1999);
        expect(asked()).toBe(2);
        await vi.advanceTimersByTimeAsync(1);
        expect(asked()).toBe(3);
        await vi.advanceTimersByTimeAsync(LONG);
        expect(asked()).toBe(MOST_REPETITIONS + 1);
        end();
    });

    it.each([403, 503])('is asked again after %d by a reconnect, another team and an event about me', async (status) => {
        const {store, handlers, asked, end} = enterTeam(status);
        await vi.advanceTimersByTimeAsync(LONG);
        let before = asked();
        handlers.reconnected();
        await vi.advanceTimersByTimeAsync(0);
        expect(asked()).toBe(before + 1);
        await vi.advanceTimersByTimeAsync(LONG);

        before = asked();
        goTo(store, 'there', OTHER_TEAM.id);
        expect(asked()).toBe(before + 1);
        await vi.advanceTimersByTimeAsync(LONG);

        before = asked();
        handlers.events.user_added!({event: 'user_added', data: {user_id: ME.id, team_id: OTHER_TEAM.id}, broadcast: {channel_id: 'new'}});
        await vi.advanceTimersByTimeAsync(LIST_WAIT_MS - 1);
        expect(asked()).toBe(before + 1);
        end();
    });

    it('is asked again when a channel is entered while the server is out of order', async () => {
        const {store, server, end} = enterTeam(503);
        await vi.advanceTimersByTimeAsync(LONG);
        server.on({[CHANNELS]: {body: ['there']}});
        goTo(store, 'there');
        await vi.advanceTimersByTimeAsync(0);
        expect(incidents.isIncidentChannel('there')).toBe(true);
        expect(incidents.knowsChannels(TEAM.id)).toBe(true);
        end();
    });
});
