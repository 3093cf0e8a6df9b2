import {screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {Footer} from 'src/features/incident_sidebar/footer';
import {anIncident} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

beforeEach(() => {
    freshHost();
});

const ended = {is_active: false, end_at: Date.now()};
const press = () => userEvent.click(screen.getByRole('button', {name: 'Restart Incident'}));

it('the restart of an incident whose channel is archived asks first, and sends no command: an archived channel takes none', async () => {
    const incident = anIncident({...ended, channel: {archive_at: 0, archived_at: Date.now()}});
    const server = fakeServer({[`PUT /incidents/${incident.id}/restart`]: {}});
    renderWithHost(<Footer incident={incident}/>);
    await press();
    const dialog = within(await screen.findByRole('dialog', {name: 'Restart this incident?'}));
    expect(dialog.getByText('Its channel was archived. It comes back with its messages and members.')).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', {name: 'Restart Incident'}));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(server.to('PUT', `/incidents/${incident.id}/restart`)).toHaveLength(1);
    expect(server.to('POST', 'host:/commands/execute')).toHaveLength(0);
});

it('that of another one is the command', async () => {
    const server = fakeServer({'POST host:/commands/execute': {body: {}}});
    renderWithHost(<Footer incident={anIncident(ended)}/>);
    await press();
    await waitFor(() => expect(server.to('POST', 'host:/commands/execute').map(({body}) => body)).toMatchObject([{command: '/incident restart'}]));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
});
