import {screen, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {createIntl} from 'react-intl';
import {beforeEach, describe, expect, it} from 'vitest';

import {severity as capability} from 'src/capabilities/severity';
import Badge from 'src/capabilities/severity/badge';
import SeverityOfPage from 'src/capabilities/severity/page_details';
import SeveritySummary from 'src/capabilities/severity/summary';
import {toSummary} from 'src/store/summary';
import {incidents} from 'src/testing/incidents';
import {anIncident, ME} from 'src/testing/factories';
import {change, freshHost, happens, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer, later} from 'src/testing/server';
import {Incident} from 'src/types/incident';
import {SeverityLevel} from 'src/types/severity';

const HOUR = 60 * 60 * 1000;
const LEVELS: SeverityLevel[] = [
    {key: 'SEV1', name: 'Critical', description: 'Customers cannot work.', color: 'red', update_seconds: 1800},
    {key: 'SEV2', name: 'High', description: 'Much is slow.', color: 'orange', update_seconds: 3600},
    {key: 'SEV3', name: 'Low', description: '', color: 'blue', update_seconds: 0},
];

const anIncidentAt = (key: string, more: Partial<Incident> = {}) => anIncident({severity: {key, levels: LEVELS}, ...more});

function show(incident: Incident, answer = {}) {
    const path = `/incidents/${incident.id}/severity`;
    const server = fakeServer({[`PUT ${path}`]: {body: {...incident, revision: 2}, ...answer}});
    incidents.receive(incident);
    renderWithHost(<SeveritySummary incident={incident}/>);
    return {server, sent: () => server.to('PUT', path).map(({body}) => body)};
}

const openDialog = async (name = 'Change Severity') => {
    await userEvent.click(screen.getByRole('button', {name}));
    return screen.findByRole('dialog', {name: 'Severity of this incident'});
};
const choose = (name: RegExp) => userEvent.click(screen.getByRole('radio', {name}));
const save = () => userEvent.click(screen.getByRole('button', {name: 'Save'}));

beforeEach(() => {
    freshHost();
});

describe('the severity in the sidebar', () => {
    it('is the key, the name and the sentence of the level', () => {
        show(anIncidentAt('SEV2'));
        const section = screen.getByTestId('severity');
        expect(within(section).getByText('SEV2')).toHaveAttribute('title', 'High');
        expect(section).toHaveTextContent('High');
        expect(section).toHaveTextContent('Much is slow.');
    });

    it('is raised with a reason, without asking about the next update', async () => {
        const {sent} = show(anIncidentAt('SEV2', {clock: {next_update_at: Date.now() + HOUR, overdue_since: 0}}));
        await openDialog();
        expect(screen.getByRole('radio', {name: /SEV2/})).toHaveFocus();
        expect(screen.getByRole('button', {name: 'Save'})).toBeDisabled();
        await choose(/SEV1/);
        expect(screen.queryByTestId('reschedule')).not.toBeInTheDocument();
        await userEvent.type(screen.getByLabelText('Reason (optional)'), ' Orders are lost ');
        await save();
        expect(sent()).toEqual([{severity: 'SEV1', reason: 'Orders are lost', reschedule: false}]);
        expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    });

    it('cannot be chosen otherwise while it is saved, and stays as it was typed when that fails', async () => {
        const {answer, give} = later();
        const incident = anIncidentAt('SEV2');
        const {server, sent} = show(incident);
        server.on({[`PUT /incidents/${incident.id}/severity`]: () => answer});
        await openDialog();
        await choose(/SEV1/);
        await userEvent.type(screen.getByLabelText('Reason (optional)'), 'Orders');
        await save();
        await userEvent.click(screen.getByRole('radio', {name: /SEV3/}));
        await userEvent.type(screen.getByLabelText('Reason (optional)'), ' are lost');
        await save();
        await happens(() => give({status: 500}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The severity could not be changed.');
        expect(screen.getByRole('radio', {name: /SEV1/})).toBeChecked();
        expect(screen.getByLabelText('Reason (optional)')).toHaveValue('Orders');
        expect(sent()).toHaveLength(1);
    });

    it('is chosen by keyboard alone', async () => {
        const {sent} = show(anIncidentAt(''));
        await openDialog('Choose Severity');
        expect(screen.getByRole('radio', {name: /SEV1/})).toHaveFocus();
        await userEvent.keyboard('[Space][Tab][Tab][Tab][Enter]');
        expect(sent()).toEqual([{severity: 'SEV1', reason: '', reschedule: false}]);
    });

    it.each([['As planned', false], ['Later: in 1h, as usual for SEV2', true]])('is lowered, and the next update is then due: %s', async (answer, reschedule) => {
        const {sent} = show(anIncidentAt('SEV1', {clock: {next_update_at: Date.now() + (HOUR / 4), overdue_since: 0}}));
        await openDialog();
        await choose(/SEV2/);
        const question = screen.getByTestId('reschedule');
        expect(within(question).getByLabelText('As planned')).toBeChecked();
        await userEvent.click(within(question).getByLabelText(answer));
        await save();
        expect(sent()).toEqual([{severity: 'SEV2', reason: '', reschedule}]);
    });

    it.each<[string, string, Partial<Incident>]>([
        ['no update is planned', 'SEV2', {}],
        ['the level has no interval', 'SEV3', {clock: {next_update_at: Date.now() + HOUR, overdue_since: 0}}],
        ['the next update would become earlier', 'SEV2', {clock: {next_update_at: Date.now() + (9 * HOUR), overdue_since: 0}}],
        ['the incident has ended', 'SEV2', {clock: {next_update_at: Date.now() + 1, overdue_since: 0}, is_active: false}],
    ])('is lowered without a question when %s', async (_why, key, more) => {
        const {sent} = show(anIncidentAt('SEV1', more));
        await openDialog();
        await choose(new RegExp(key));
        expect(screen.queryByTestId('reschedule')).not.toBeInTheDocument();
        await save();
        expect(sent()).toEqual([{severity: key, reason: '', reschedule: false}]);
    });

    it('an answer that was taken back with the level is not sent', async () => {
        const {sent} = show(anIncidentAt('SEV1', {clock: {next_update_at: 0, overdue_since: Date.now() - HOUR}}));
        await openDialog();
        await choose(/SEV2/);
        await userEvent.click(screen.getByLabelText(/^Later/));
        await choose(/SEV3/);
        await save();
        expect(sent()).toEqual([{severity: 'SEV3', reason: '', reschedule: false}]);
    });

    it('says why it could not be changed, and keeps what was typed', async () => {
        show(anIncidentAt('SEV2'), {status: 403, body: {error: 'You may not.'}});
        await openDialog();
        await choose(/SEV1/);
        await userEvent.type(screen.getByLabelText('Reason (optional)'), 'Orders');
        await save();
        expect(await screen.findByRole('alert')).toHaveTextContent('The severity could not be changed. You may not.');
        expect(screen.getByLabelText('Reason (optional)')).toHaveValue('Orders');
    });
});

describe('the severity elsewhere', () => {
    it('is a badge of the incident and of its row, and none until it is chosen', () => {
        const incident = anIncidentAt('SEV1');
        const {container, rerender} = renderWithHost(<Badge incident={incident}/>);
        expect(container).toHaveTextContent(/^SEV1$/);
        expect(toSummary(incident).severity).toEqual({key: 'SEV1', name: 'Critical', color: 'red'});
        rerender(<Badge incident={toSummary(incident)}/>);
        expect(container).toHaveTextContent(/^SEV1$/);
        rerender(<Badge incident={anIncidentAt('')}/>);
        expect(container).toBeEmptyDOMElement();
        expect(capability.badge?.isShown({incident: anIncidentAt('')})).toBe(false);
        expect(capability.badge?.isShown({incident: anIncident()})).toBe(false);
        expect(capability.badge?.isShown({incident: toSummary(incident)})).toBe(true);
    });

    it('is on the page for everybody, and changed by those who may', async () => {
        const incident = anIncidentAt('SEV1');
        const store = hostStore();
        fakeServer();
        renderWithHost(<SeverityOfPage incident={incident}/>, {store});
        expect(screen.getByText('SEV1')).toBeInTheDocument();
        expect(screen.queryByRole('button')).not.toBeInTheDocument();
        change(store, (state) => ({...state, entities: {...state.entities, users: {...state.entities.users, profiles: {[ME.id]: {...ME, roles: 'system_admin'}}}}}));
        expect(screen.getByRole('button', {name: 'Change Severity'})).toBeInTheDocument();
    });

    it('is told to people who cannot see it', () => {
        const intl = createIntl({locale: 'en'});
        const tell = (before: Incident, after: Incident) => capability.describeChange?.(intl, before, after);
        expect(tell(anIncidentAt('SEV2'), anIncidentAt('SEV1'))).toBe('Severity: SEV1, Critical');
        expect(tell(anIncidentAt('SEV1'), anIncidentAt('SEV1'))).toBe('');
        expect(tell(anIncident(), anIncident())).toBe('');
    });

    it('an event shows it at once', async () => {
        const incident = anIncidentAt('SEV2');
        incidents.receive(incident);
        await happens(() => incidents.receive({...incident, severity: {key: 'SEV1', levels: LEVELS}, revision: 2}));
        expect(incidents.confirmed(incident.channel_id)?.severity?.key).toBe('SEV1');
    });
});
