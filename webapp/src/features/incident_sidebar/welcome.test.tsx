import {screen} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {HostStore} from 'src/host/store';
import {aPlaybook, anIncident} from 'src/testing/factories';
import {freshHost, happens, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';

let store: HostStore;

beforeEach(() => {
    freshHost();
    store = hostStore();
});

const show = () => renderWithHost(<div id='rhsContainer'><Sidebar/></div>, {store});

it('welcomes with and without playbooks, and becomes the list by itself', async () => {
    fakeServer({'GET /incidents': page([]), 'GET /playbooks': page([aPlaybook()])});
    const {unmount} = show();
    expect(await screen.findByTestId('welcome-view-has-playbooks')).toBeInTheDocument();
    await happens(() => incidents.receive(anIncident()));
    expect(screen.getByTestId('go-to-channel')).toBeInTheDocument();
    unmount();

    freshHost();
    fakeServer({'GET /incidents': page([]), 'GET /playbooks': page([])});
    show();
    expect(await screen.findByTestId('welcome-view')).toBeInTheDocument();
});

it.each([['playbooks', [aPlaybook()]], ['no playbooks', []]])('welcomes with %s, without offering to create one to those who may not', async (_, items) => {
    fakeServer({'GET /incidents': page([]), 'GET /playbooks': page(items, {can_create: false})});
    show();
    expect(await screen.findByTestId(items.length > 0 ? 'welcome-view-has-playbooks' : 'welcome-view')).toBeInTheDocument();
    expect(screen.queryByText('Create Playbook')).not.toBeInTheDocument();
    expect(screen.queryAllByText(/has chosen who may create them/)).toHaveLength(items.length > 0 ? 0 : 1);
});
