import {screen, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {roles as capability} from 'src/capabilities/roles';
import RolesSection from 'src/capabilities/roles/page_section';
import {anIncident, BORIS, ME} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

beforeEach(() => {
    freshHost();
});

const START = Date.UTC(2026, 10, 29, 10);
const HOUR = 60 * 60 * 1000;
const role = (key: string, name: string, holder = '') => ({key, name, description: '', holder_id: holder, since: holder ? START : 0});
const incident = anIncident({roles: {roles: [role('communications', 'Communications', BORIS.id), role('scribe', 'Scribe')]}});
const span = (key: string, name: string, userId: string, from: number, to = 0) => ({role: key, name, user_id: userId, from: START + (from * HOUR), to: to ? START + (to * HOUR) : 0});
const url = `/incidents/${incident.id}/roles/history`;

it('is there for incidents with roles only', () => {
    expect(capability.isOffered!(incident)).toBe(true);
    expect(capability.isOffered!(anIncident())).toBe(false);
    expect(capability.isOffered!(anIncident({roles: {roles: []}}))).toBe(false);
});

it('tells who had which role when, the newest first, and who was the commander', async () => {
    fakeServer({[`GET ${url}`]: {body: {items: [
        span('commander', 'Commander', BORIS.id, 0, 2),
        span('commander', 'Commander', ME.id, 2),
        span('communications', 'Communications', BORIS.id, 1),
        span('old', 'Old role', ME.id, 0, 1),
    ]}}});
    renderWithHost(<RolesSection incident={incident}/>);
    const terms = await screen.findAllByRole('term');
    expect(terms.map(({textContent}) => textContent)).toEqual(['Commander', 'Communications', 'Scribe', 'Old role']);
    const [commander, , scribe] = screen.getAllByRole('definition');
    const spans = within(commander!).getAllByRole('listitem');
    expect(spans[0]).toHaveTextContent(/^Anna Bergsince Nov 29/);
    expect(spans[1]).toHaveTextContent(/^Boris KleinNov 29.* – Nov 29/);
    expect(scribe).toHaveTextContent('Nobody yet');
});

it('that cannot be loaded can be tried again', async () => {
    const server = fakeServer({[`GET ${url}`]: {status: 500}});
    renderWithHost(<RolesSection incident={incident}/>);
    expect(await screen.findByRole('alert')).toHaveTextContent('It could not be loaded who had which role.');
    server.on({[`GET ${url}`]: {body: {items: []}}});
    await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
    expect(await screen.findAllByText('Nobody yet')).toHaveLength(3);
});
