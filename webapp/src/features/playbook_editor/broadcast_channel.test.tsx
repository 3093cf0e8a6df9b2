import {screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Route} from 'react-router-dom';
import {beforeEach, expect, it} from 'vitest';

import {PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {playbookPath} from 'src/routes';
import {aPlaybook, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';
import {Playbook} from 'src/types/playbook';

beforeEach(() => {
    freshHost();
});

function openStored(playbook: Playbook, more = {}) {
    const server = fakeServer({[`GET /playbooks/${playbook.id}`]: {body: playbook}, [`PUT /playbooks/${playbook.id}`]: {}, ...more});
    renderWithHost((
        <Route
            path='/:team/:plugin/playbooks/:id([a-z0-9]{26})'
            component={PlaybookEditor}
        />
    ), {path: playbookPath('ad-1', playbook.id)});
    return server;
}

it('shows a word for a direct channel, which has no name', async () => {
    const direct = {...TOWN_SQUARE, id: 'direct'.padEnd(26, '0'), team_id: '', type: 'D', name: 'a__b', display_name: ''};
    openStored(aPlaybook({broadcast_channel_id: direct.id}), {[`GET host:/channels/${direct.id}`]: {body: direct}});
    await userEvent.click(await screen.findByRole('tab', {name: 'Preferences'}));
    await waitFor(() => expect(document.querySelector('#playbook-preferences-broadcast-channel')).toHaveTextContent(/^Direct message$/));
});

it('marks a broadcast channel that was archived, and keeps it', async () => {
    const archived = {...TOWN_SQUARE, id: 'archived'.padEnd(26, '0'), display_name: 'Old news', delete_at: 5};
    const playbook = aPlaybook({broadcast_channel_id: archived.id});
    const server = openStored(playbook, {[`GET host:/channels/${archived.id}`]: {body: archived}});
    await userEvent.click(await screen.findByRole('tab', {name: 'Preferences'}));
    await waitFor(() => expect(document.querySelector('#playbook-preferences-broadcast-channel')).toHaveTextContent(/^Old news \(archived\)$/));
    expect(screen.getByText(/This channel is archived: updates are not posted there/)).toBeInTheDocument();
    await userEvent.click(screen.getByTestId('save_playbook'));
    await waitFor(() => expect(server.to('PUT', `/playbooks/${playbook.id}`)).toHaveLength(1));
    expect(server.to('PUT', `/playbooks/${playbook.id}`)[0]!.body).toMatchObject({broadcast_channel_id: archived.id});
});

it('searches channels on the server and explains one that cannot be seen', async () => {
    const server = openStored(aPlaybook({broadcast_channel_id: 'hidden'.padEnd(26, '0')}), {
        [`GET host:/teams/${TEAM.id}/channels/autocomplete`]: {body: [{...TOWN_SQUARE, id: 'war'.padEnd(26, '0'), name: 'war-room', display_name: 'War Room'}]},
    });
    await userEvent.click(await screen.findByRole('tab', {name: 'Preferences'}));
    const select = document.querySelector<HTMLElement>('#playbook-preferences-broadcast-channel')!;
    await waitFor(() => expect(select).toHaveTextContent(/^Unknown Channel$/));
    expect(screen.getByText(/You cannot see this channel/)).toBeInTheDocument();
    await userEvent.click(within(select).getByRole('button'));
    await userEvent.keyboard('war');
    await waitFor(() => expect(server.calls.some(({query}) => query.name === 'war')).toBe(true));
    await userEvent.click(await screen.findByRole('option', {name: 'War Room'}));
    expect(select).toHaveTextContent(/^War Room$/);
    await userEvent.click(screen.getByRole('button', {name: 'No broadcast channel'}));
    expect(select).toHaveTextContent(/^Choose a channel$/);
});
