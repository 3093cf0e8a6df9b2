import {screen, waitFor, within} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it, vi} from 'vitest';

import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {SidebarTitle} from 'src/features/incident_sidebar/sidebar_title';
import {chooseTab} from 'src/state/reducer';
import {anIncident, BORIS, ME} from 'src/testing/factories';
import {freshHost, goTo, hostStore, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {fakeServer} from 'src/testing/server';
import {Incident} from 'src/types/incident';

beforeEach(() => {
    freshHost();
});

/** The sidebar of an incident with one of its tabs. */
function show(incident: Incident, tab: string) {
    fakeServer({'POST host:/users/ids': {body: [BORIS]}});
    const store = hostStore();
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, tab));
    renderWithHost(<><SidebarTitle/><Sidebar/></>, {store});
}

it('the name has the title for itself when there is a badge: badge and status are below it, in every tab', async () => {
    const incident = anIncident({severity: {key: 'SEV1', levels: [{key: 'SEV1', name: 'Critical', description: '', color: 'red', update_seconds: 0}]}});
    show(incident, 'tasks');
    const line = await screen.findByTestId('badges');
    expect(await within(line).findByText('SEV1')).toBeInTheDocument();
    await waitFor(() => expect(screen.getAllByText('Ongoing')).toEqual([within(line).getByText('Ongoing')]));
});

it('who is offered the command has the offer above the tabs, whichever is open', async () => {
    const incident = anIncident({roles: {roles: [], handoff: {id: 'h', to_user_id: ME.id, by_user_id: BORIS.id, at: Date.now(), expires_at: Date.now() + 60_000}}});
    show(incident, 'tasks');
    const offer = await screen.findByTestId('handoff');
    expect(within(offer).getByRole('button', {name: 'Accept'})).toBeInTheDocument();
    expect(offer.compareDocumentPosition(screen.getByRole('tablist'))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
});

it('the status is beside the name when there is no badge', async () => {
    show(anIncident(), 'summary');
    await vi.dynamicImportSettled();
    expect(screen.getByTestId('rhs-title').nextElementSibling).toHaveTextContent('Ongoing');
    expect(screen.queryByTestId('badges')).not.toBeInTheDocument();
});
