import {act, screen} from '@testing-library/react';
import React from 'react';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {mentionedNames, refreshUsers, useUser} from 'src/store/users';
import {BORIS} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

const CHEN = {...BORIS, id: 'chen', username: 'chen'};

/** How long requests are gathered, in milliseconds. */
const BATCH = 20;
const IDS = 'POST host:/users/ids';

beforeEach(() => {
    freshHost();
    vi.useFakeTimers();
});

afterEach(() => {
    vi.useRealTimers();
});

function Name({id}: {id: string}) {
    return <span data-testid='name'>{useUser(id)?.username ?? '…'}</span>;
}

const pass = (milliseconds: number) => act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
});

it('a name that could not be loaded is asked for again, less and less often, until it is there', async () => {
    const server = fakeServer({[IDS]: {status: 503}});
    renderWithHost(<Name id='chen'/>);
    await pass(BATCH);
    expect(server.calls).toHaveLength(1);
    await pass(1000 + BATCH);
    expect(server.calls).toHaveLength(2);
    await pass(1000 + BATCH);
    expect(server.calls).toHaveLength(2);
    server.on({[IDS]: {body: [CHEN]}});
    await pass(1000);
    expect(screen.getByTestId('name')).toHaveTextContent('chen');
    await pass(60_000);
    expect(server.calls).toHaveLength(3);
});

it('a request for names that was refused is not repeated', async () => {
    const server = fakeServer({[IDS]: {status: 400}});
    renderWithHost(<Name id='chen'/>);
    await pass(60_000);
    expect(server.calls).toHaveLength(1);
});

it('a reconnect asks at once for the names that are missing on the screen', async () => {
    const server = fakeServer({[IDS]: {body: []}});
    renderWithHost(<Name id='chen'/>);
    await pass(60_000);
    expect(server.calls).toHaveLength(1);
    server.on({[IDS]: {body: [CHEN]}});
    act(() => void refreshUsers());
    await pass(BATCH);
    expect(screen.getByTestId('name')).toHaveTextContent('chen');
    expect(server.calls).toHaveLength(2);
});

it('a failure that was under way during a reconnect starts no questions of its own', async () => {
    const server = fakeServer({[IDS]: {status: 503}});
    const {unmount} = renderWithHost(<Name id='chen'/>);
    act(() => {
        vi.advanceTimersByTime(20);
    });
    unmount();
    void refreshUsers();
    await pass(60_000);
    expect(server.calls).toHaveLength(1);
});

it('the user names in a text are found, with and without the dot of the sentence', () => {
    expect(mentionedNames('(@Chen), ask @a.b-c_d. Not me@example.com, @all, @here or @channel: @chen!')).toEqual(['a.b-c_d', 'a.b-c_d.', 'chen']);
    expect(mentionedNames('nobody, @, @-')).toEqual([]);
});
