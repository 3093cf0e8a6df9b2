import {act, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, expect, it, vi} from 'vitest';

import {InviteModal} from 'src/features/incident_sidebar/invite_modal';
import {anIncident, BORIS, ME} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';

beforeEach(() => {
    freshHost();
});

it('stays open while people are added, so that a failure is seen', async () => {
    const incident = anIncident();
    const slow = later();
    const close = vi.fn();
    fakeServer({'GET host:/users': {body: [ME, BORIS]}, [`POST host:/channels/${incident.channel_id}/members`]: () => slow.answer});
    renderWithHost((
        <InviteModal
            incident={incident}
            onClose={close}
        />
    ));
    await userEvent.click(await screen.findByRole('option', {name: /boris/}));
    await userEvent.click(screen.getByRole('button', {name: 'Add to Channel'}));
    await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
    await userEvent.click(screen.getByRole('button', {name: 'Close'}));
    await userEvent.keyboard('{Escape}');

    // Who is chosen or dropped now would not be among those that the request is about.
    await userEvent.click(screen.getByRole('option', {name: /anna/}));
    await userEvent.click(screen.getByRole('button', {name: 'Do not invite @boris'}));
    expect(screen.getAllByRole('button', {name: /Do not invite/})).toHaveLength(1);
    expect(close).not.toHaveBeenCalled();
    await act(async () => slow.give({status: 500}));
    expect(await screen.findByRole('alert')).toHaveTextContent('Not everybody could be added');
    await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
    await waitFor(() => expect(close).toHaveBeenCalledTimes(1));
});

it('who is chosen is not offered below any more, and is again when dropped', async () => {
    fakeServer({'GET host:/users': {body: [ME, BORIS]}});
    renderWithHost((
        <InviteModal
            incident={anIncident()}
            onClose={vi.fn()}
        />
    ));
    await userEvent.click(await screen.findByRole('option', {name: /boris/}));
    expect(screen.queryByRole('option', {name: /boris/})).toBeNull();

    // The mark is on who is left.
    await userEvent.keyboard('{Enter}');
    expect(screen.queryAllByRole('option')).toEqual([]);
    expect(screen.getAllByRole('button', {name: /Do not invite/})).toHaveLength(2);
    expect(screen.queryByText('Nothing found')).toBeNull();
    await userEvent.click(screen.getByRole('button', {name: 'Do not invite @boris'}));
    expect(screen.getByRole('option', {name: /boris/})).toBeInTheDocument();
});
