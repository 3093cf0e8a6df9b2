import {screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {PlaybookList} from 'src/features/playbook_list/playbook_list';
import {playbookListPath} from 'src/routes';
import {aPlaybook, BORIS, ME} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';
import {wholeText} from 'src/testing/texts';

beforeEach(() => {
    freshHost();
});

const playbook = aPlaybook({title: 'Outage', member_ids: [], checklists: []});
const path = `/playbooks/${playbook.id}`;

async function leave(memberIds: string[]) {
    const server = fakeServer({
        'GET /playbooks': page([playbook]),
        [`GET ${path}`]: {body: {...playbook, member_ids: memberIds}},
        [`POST ${path}/leave`]: () => {
            server.on({'GET /playbooks': page([])});
            return {status: 204};
        },
    });
    renderWithHost(<PlaybookList/>, {path: playbookListPath('ad-1')});
    await userEvent.click(await screen.findByRole('button', {name: 'Actions for Outage'}));
    await userEvent.click(screen.getByRole('menuitem', {name: 'Leave'}));
    return {server, left: () => server.to('POST', `${path}/leave`).length};
}

describe('leaving a playbook', () => {
    it('is asked about, takes it from the list and says so', async () => {
        const {left} = await leave([ME.id, BORIS.id]);
        expect(await screen.findByRole('dialog', {name: 'Leave this playbook?'})).toHaveTextContent('You will no longer see or use “Outage”.');
        expect(left()).toBe(0);
        await userEvent.click(screen.getByRole('button', {name: 'Leave Playbook'}));
        expect(await screen.findByText(wholeText('You have left the playbook “Outage”.'))).toBeInTheDocument();
        expect(left()).toBe(1);
        await waitFor(() => expect(screen.getByTestId('no-playbooks')).toBeInTheDocument());
    });

    it('says that it is deleted when nobody else is a member', async () => {
        const {left} = await leave([ME.id]);
        expect(await screen.findByRole('dialog')).toHaveTextContent('You are the only member of “Outage”. If you leave, it is deleted');
        await userEvent.click(screen.getByRole('button', {name: 'Leave and Delete'}));
        await waitFor(() => expect(left()).toBe(1));
    });

    it('is given up by Cancel', async () => {
        const {left} = await leave([ME.id, BORIS.id]);
        await userEvent.click(await screen.findByRole('button', {name: 'Cancel'}));
        expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
        expect(left()).toBe(0);
    });

    it('is not offered to an administrator who is no member', async () => {
        const {left} = await leave([BORIS.id]);
        expect(await screen.findByRole('alert')).toHaveTextContent('You are not a member of “Outage”.');
        expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'Dismiss'}));
        expect(screen.queryByRole('alert')).not.toBeInTheDocument();
        expect(left()).toBe(0);
    });

    it('that fails shows the error in the dialog', async () => {
        const {server} = await leave([ME.id, BORIS.id]);
        server.on({[`POST ${path}/leave`]: {status: 409, body: {error: 'You are not a member.', code: 'playbook.not_member'}}});
        await userEvent.click(await screen.findByRole('button', {name: 'Leave Playbook'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('You could not leave the playbook. You are not a member.');
        expect(screen.getByRole('dialog')).toBeInTheDocument();
    });

    it('that cannot be asked about shows the error above the list', async () => {
        const server = fakeServer({'GET /playbooks': page([playbook]), [`GET ${path}`]: {status: 500}});
        renderWithHost(<PlaybookList/>, {path: playbookListPath('ad-1')});
        await userEvent.click(await screen.findByRole('button', {name: 'Actions for Outage'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Leave'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('You could not leave the playbook. The server had a problem.');
        expect(server.to('POST', `${path}/leave`)).toHaveLength(0);
    });
});
