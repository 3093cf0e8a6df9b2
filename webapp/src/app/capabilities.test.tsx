import {screen} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Route} from 'react-router-dom';
import {expect, it, vi} from 'vitest';

import {pages} from 'src/app/pages';
import {Capability} from 'src/capabilities/capability';
import {IncidentPage} from 'src/features/incident_page/incident_page';
import {Sidebar} from 'src/features/incident_sidebar/sidebar';
import {incidentPath} from 'src/routes';
import {anIncident} from 'src/testing/factories';
import {freshHost, goTo, hostStore, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {fakeServer} from 'src/testing/server';

const broken = vi.hoisted(() => ({isBroken: false}));

vi.mock('src/capabilities/all', () => {
    const says = (text: string) => async () => ({
        default: function Part({incident}: {incident: {name: string}}) {
            if (broken.isBroken) {
                throw new Error('a fault');
            }
            return <p>{`${text} of ${incident.name}`}</p>;
        },
    });
    const one: Capability = {
        name: 'one',
        sidebarTab: {key: 'moments', title: {id: 'test', defaultMessage: 'Moments'}, load: says('tab')},
        summarySection: says('summary'),
        summaryFooter: says('foot'),
        pageAction: says('action'),
        pageSection: says('section'),
        pages: [{path: '/moments/:id', hasTopBar: true, load: async () => ({default: () => <p>{'page of it'}</p>})}],
    };
    return {capabilities: [one, {name: 'nothing'}]};
});

function show() {
    freshHost();
    const store = hostStore();
    const incident = anIncident({name: 'Fire'});
    fakeServer({[`GET /incidents/${incident.id}`]: {body: incident}});
    incidents.receive(incident);
    goTo(store, incident.channel_id);
    renderWithHost((
        <>
            <Sidebar/>
            <Route
                path='/:team/:plugin/incidents/:id'
                component={IncidentPage}
            />
        </>
    ), {store, path: incidentPath('ad-1', incident.id)});
}

it('its parts are shown where they belong', async () => {
    show();
    for (const part of ['summary', 'foot', 'action', 'section']) {
        expect(await screen.findByText(`${part} of Fire`)).toBeInTheDocument();
    }
    await userEvent.click(screen.getByRole('tab', {name: 'Moments'}));
    expect(await screen.findByText('tab of Fire')).toBeInTheDocument();
    expect(screen.getByTestId('moments')).toHaveAttribute('aria-selected', 'true');
    expect(screen.queryByText('summary of Fire')).not.toBeInTheDocument();
    const {component: Page} = pages.find(({path}) => path === '/moments/:id')!;
    renderWithHost(<Page/>, {store: hostStore()});
    expect(await screen.findByText('page of it')).toBeInTheDocument();
});

it('a fault in a part leaves the rest alone', async () => {
    broken.isBroken = true;
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    show();
    expect((await screen.findAllByText('Something went wrong while showing this.')).length).toBe(4);
    expect(screen.getByRole('tab', {name: 'Tasks'})).toBeInTheDocument();
    expect(screen.getByTestId('incident-title')).toBeInTheDocument();
    broken.isBroken = false;
});
