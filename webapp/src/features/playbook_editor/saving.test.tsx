import {act, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Link, Route, useLocation} from 'react-router-dom';
import {beforeEach, expect, it} from 'vitest';

import {PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {playbookListPath, playbookPath} from 'src/routes';
import {aPlaybook, aStage, aTask} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {Playbook} from 'src/types/playbook';

beforeEach(() => {
    freshHost();
});

const Where = () => <div data-testid='where'>{useLocation().pathname}</div>;
const where = () => screen.getByTestId('where').textContent;
const save = () => screen.getByTestId('save_playbook');

async function openStored(playbook: Playbook) {
    const server = fakeServer({[`GET /playbooks/${playbook.id}`]: {body: playbook}, [`PUT /playbooks/${playbook.id}`]: {}});
    renderWithHost((
        <>
            <Route
                path='/:team/:plugin/playbooks/:id([a-z0-9]{26})'
                component={PlaybookEditor}
            />
            <Where/>
            <Link to='/elsewhere'>{'away'}</Link>
        </>
    ), {path: playbookPath('ad-1', playbook.id)});
    await screen.findByText(playbook.title);
    return server;
}

it('nothing can be changed while it is saved, since it would not be in what is sent', async () => {
    const playbook = aPlaybook({title: 'Outage', checklists: [aStage({items: [aTask({title: 'A'})]})]});
    const server = await openStored(playbook);
    const {answer, give} = later();
    server.on({[`PUT /playbooks/${playbook.id}`]: () => answer});
    await userEvent.click(save());
    const radio = screen.getByRole('radio', {name: 'Public'});
    expect(radio).toBeDisabled();
    expect(screen.getByPlaceholderText('Task Name')).toBeDisabled();
    expect(document.querySelector('#playbook-name .editable-trigger')).toBeDisabled();
    expect(document.querySelector('#playbook-description .editable-trigger')).toBeDisabled();
    await act(async () => give({status: 500}));
    expect(radio).toBeEnabled();
    server.on({[`PUT /playbooks/${playbook.id}`]: {}});
    await userEvent.click(radio);
    await userEvent.click(save());
    await waitFor(() => expect(where()).toBe(playbookListPath('ad-1')));
    expect(server.to('PUT', `/playbooks/${playbook.id}`).map(({body}) => body)).toMatchObject([{create_public_incident: false}, {create_public_incident: true}]);
});

it('who has left for another page while it is saved stays there', async () => {
    const playbook = aPlaybook({title: 'Outage'});
    const server = await openStored(playbook);
    await userEvent.click(screen.getByRole('radio', {name: 'Public'}));
    const {answer, give} = later();
    server.on({[`PUT /playbooks/${playbook.id}`]: () => answer});
    await userEvent.click(save());
    await userEvent.click(screen.getByText('away'));
    await userEvent.click(screen.getByRole('button', {name: 'Discard Changes'}));
    expect(where()).toBe('/elsewhere');
    await waitFor(() => expect(server.to('PUT', `/playbooks/${playbook.id}`)).toHaveLength(1));
    await act(async () => give({}));
    expect(where()).toBe('/elsewhere');
});

it('asks again when saving mine over theirs has failed and was given up', async () => {
    const playbook = aPlaybook({title: 'Outage'});
    const server = await openStored(playbook);
    await userEvent.click(screen.getByRole('radio', {name: 'Public'}));
    server.on({[`GET /playbooks/${playbook.id}`]: {body: {...playbook, description: 'Theirs'}}, [`PUT /playbooks/${playbook.id}`]: {status: 500}});
    await userEvent.click(save());
    await userEvent.click(await screen.findByRole('button', {name: 'Overwrite Their Changes'}));
    await within(screen.getByRole('dialog')).findByRole('alert');
    await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
    server.on({[`PUT /playbooks/${playbook.id}`]: {}});
    await userEvent.click(save());
    expect(await screen.findByText('This playbook was changed meanwhile')).toBeInTheDocument();
    expect(server.to('PUT', `/playbooks/${playbook.id}`)).toHaveLength(1);
});
