import {act, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {SidebarTitle} from 'src/features/incident_sidebar/sidebar_title';
import {HostStore, receivedChannel} from 'src/host/store';
import {anIncident, OTHER_TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {freshHost, goTo, happens, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';
import {Incident} from 'src/types/incident';
import {ErrorBoundary} from 'src/ui/error_boundary';
import {removeLiveRegion} from 'src/ui/live_region';

let push: ReturnType<typeof freshHost>['push'];
let store: HostStore;
const here = anIncident({name: 'Here', description: 'described here'});
const there = anIncident({name: 'There', description: 'described there'});

beforeEach(() => {
    ({push} = freshHost());
    store = hostStore();
    fakeServer({'GET /incidents': page([here, there])});
    act(() => {
        incidents.receive(here);
        incidents.receive(there);
    });
    goTo(store, here.channel_id);
});

afterEach(() => {
    vi.restoreAllMocks();
});

const show = () => renderWithHost((
    <ErrorBoundary>
        <SidebarTitle/>
        <Sidebar/>
    </ErrorBoundary>
), {store});

async function goFromList({name}: Incident) {
    await userEvent.click(screen.getByTestId('back-button'));
    const card = (await screen.findAllByRole('listitem')).find((item) => within(item).queryByText(name))!;
    await userEvent.click(within(card).getByTestId('go-to-channel'));
}

it('the list stays until another incident\'s channel is current, and does not show the one that was left', async () => {
    show();
    await goFromList(there);
    expect(push).toHaveBeenCalledWith(`/ad-1/channels/${there.channel_id}`);
    expect(screen.getByTestId('rhs-title')).toHaveTextContent('Your ongoing incidents');
    expect(screen.getByTestId('incident-rhs-list')).toBeInTheDocument();
    goTo(store, there.channel_id);
    expect(screen.getByTestId('rhs-title')).toHaveTextContent('There');
});

it('the list leads to a channel that was moved through its new team', async () => {
    store.dispatch(receivedChannel({...TOWN_SQUARE, id: there.channel_id, team_id: OTHER_TEAM.id}));
    show();
    await goFromList(there);
    expect(push).toHaveBeenCalledWith(`/${OTHER_TEAM.name}/channels/${there.channel_id}`);
});

it('the list takes the focus from the button that led to it', async () => {
    show();
    screen.getByTestId('back-button').focus();
    await userEvent.keyboard('{Enter}');
    expect(screen.getByTestId('rhs-title')).toHaveTextContent('Your ongoing incidents');
    expect(screen.getByTestId('rhs-title')).toHaveFocus();
});

it('the list gives way at once to the incident of the current channel', async () => {
    show();
    await goFromList(here);
    expect(screen.getByTestId('rhs-title')).toHaveTextContent('Here');
});

it('a fault while one incident is shown does not stay over another', () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const {formatText} = window.PostUtils!;
    window.PostUtils!.formatText = (text, options) => {
        if (text === 'described here') {
            throw new Error('not to be formatted');
        }
        return formatText(text, options);
    };
    show();
    expect(screen.getByRole('alert')).toHaveTextContent('Something went wrong');
    expect(screen.getByTestId('rhs-title')).toHaveTextContent('Here');
    goTo(store, there.channel_id);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.getByText('described there')).toBeInTheDocument();
});

it('the list tells what comes and goes, but not what it began with', async () => {
    goTo(store, TOWN_SQUARE.id);
    removeLiveRegion();
    show();
    expect(await screen.findAllByRole('listitem')).toHaveLength(2);
    await act(() => new Promise<void>((resolve) => setTimeout(resolve, 100)));
    expect(screen.queryByTestId('incident-live-region')).not.toBeInTheDocument();
    const third = anIncident({name: 'Another'});
    await happens(() => incidents.receive(third));
    await waitFor(() => expect(screen.getByTestId('incident-live-region')).toHaveTextContent('New in the list: Another'));
    await happens(() => incidents.receive({...third, revision: 2, is_active: false}));
    await waitFor(() => expect(screen.getByTestId('incident-live-region')).toHaveTextContent('No longer in the list: Another'));
});
