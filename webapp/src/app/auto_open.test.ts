import {act} from '@testing-library/react';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {followChannel} from 'src/app/auto_open';
import {incidents} from 'src/testing/incidents';
import {HostStore} from 'src/host/store';
import {anIncident, OTHER_TEAM} from 'src/testing/factories';
import {freshHost, goTo, hostStore} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

let store: HostStore;
let end: () => void;
const open = vi.fn();

beforeEach(() => {
    freshHost();
    store = hostStore();
    open.mockClear();
});
afterEach(() => end());

const settled = () => act(async () => {
    await new Promise((resolve) => setTimeout(resolve));
});

async function follow(): Promise<void> {
    end = followChannel(store, open);
    await settled();
}

it('opens once when an incident channel is entered, and again the next time', async () => {
    fakeServer({'GET /incidents/channels': {body: ['c1']}});
    await follow();
    expect(open).not.toHaveBeenCalled();
    goTo(store, 'c1');
    goTo(store, 'c1');
    expect(open).toHaveBeenCalledTimes(1);
    goTo(store, 'elsewhere');
    goTo(store, 'c1');
    expect(open).toHaveBeenCalledTimes(2);
});

it('opens when the current channel becomes an incident channel', async () => {
    fakeServer({'GET /incidents/channels': {body: []}});
    const incident = anIncident();
    await follow();
    goTo(store, incident.channel_id);
    expect(open).not.toHaveBeenCalled();
    act(() => incidents.receive(incident));
    expect(open).toHaveBeenCalledTimes(1);
});

it('does not open again when the team changes before the channel, and opens in the new team', async () => {
    const server = fakeServer({'GET /incidents/channels': ({query}) => ({body: query.team_id === OTHER_TEAM.id ? ['c2'] : ['c1']})});
    await follow();
    goTo(store, 'c1');
    expect(open).toHaveBeenCalledTimes(1);
    goTo(store, 'c1', OTHER_TEAM.id);
    await settled();
    expect(open).toHaveBeenCalledTimes(1);
    expect(server.to('GET', '/incidents/channels')).toHaveLength(2);
    goTo(store, 'c2', OTHER_TEAM.id);
    expect(open).toHaveBeenCalledTimes(2);
});
