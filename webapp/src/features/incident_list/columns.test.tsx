import {screen, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it} from 'vitest';

import {IncidentList} from 'src/features/incident_list/incident_list';
import {PLUGIN_ID} from 'src/manifest';
import {incidentListPath} from 'src/routes';
import {toSummary} from 'src/store/summary';
import {anIncident, aPlaybook, TEAM} from 'src/testing/factories';
import {freshHost, happens, listen, renderWithHost} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';
import {Incident} from 'src/types/incident';
import {SeverityLevel} from 'src/types/severity';

const LEVELS: SeverityLevel[] = [
    {key: 'SEV1', name: 'Critical', description: '', color: 'red', update_seconds: 0},
    {key: 'SEV2', name: 'High', description: '', color: 'orange', update_seconds: 0},
];
const at = (key: string, more: Partial<Incident> = {}) => toSummary(anIncident({severity: {key, levels: LEVELS}, ...more}));

const Where = () => <div data-testid='where'>{useLocation().search}</div>;
const show = (query = '') => renderWithHost((
    <>
        <IncidentList/>
        <Where/>
    </>
), {path: incidentListPath('ad-1') + query});
const heads = () => screen.getAllByRole('columnheader').map(({textContent}) => textContent);
const cells = () => screen.getAllByRole('row').slice(1).map((row) => within(row).getAllByRole('cell').map(({textContent}) => textContent));

beforeEach(() => {
    freshHost();
});

describe('the severity in the list', () => {
    it('has no column and no filter where no incident has one', async () => {
        fakeServer({'GET /incidents': page([toSummary(anIncident())])});
        show();
        await screen.findByRole('table');
        expect(heads()).toEqual(['Name', 'Status', 'Start Time', 'End Time', 'Commander']);
        expect(screen.queryByTestId('severity-filter')).not.toBeInTheDocument();
    });

    it('has a column that sorts by level', async () => {
        const server = fakeServer({'GET /incidents': page([at('SEV1', {name: 'Fire'}), at('', {name: 'Smoke'})])});
        show();
        expect(await screen.findByText('SEV1')).toBeInTheDocument();
        expect(heads()).toEqual(['Name', 'Status', 'Severity', 'Start Time', 'End Time', 'Commander']);
        expect(cells().map((row) => row[2])).toEqual(['SEV1', '']);
        await userEvent.click(within(screen.getByRole('columnheader', {name: 'Severity'})).getByRole('button'));
        expect(screen.getByTestId('where')).toHaveTextContent('?sort=severity&direction=asc');
        const sent = server.to('GET', '/incidents');
        expect(sent[sent.length - 1]?.query).toMatchObject({sort: 'severity', direction: 'asc'});
    });

    it('is filtered by the levels of the playbooks and of the rows', async () => {
        const other: SeverityLevel = {...LEVELS[0]!, key: 'P9', name: 'Odd'};
        const server = fakeServer({
            'GET /incidents': ({query}) => page(query.severity === 'none' ? [] : [at('SEV2'), toSummary(anIncident({severity: {key: 'P9', levels: [other]}}))]),
            'GET /playbooks': page([aPlaybook({severity: {levels: LEVELS, default: ''}}), aPlaybook()]),
        });
        show();
        const filter = await screen.findByTestId('severity-filter');
        expect(server.to('GET', '/playbooks')).toHaveLength(0);
        await userEvent.click(filter);
        await screen.findByRole('menuitemradio', {name: /SEV1/});
        expect(screen.getAllByRole('menuitemradio').map(({textContent}) => textContent)).toEqual(['SEV1Critical', 'SEV2High', 'P9Odd', 'Without severity', 'All severities']);
        expect(server.to('GET', '/playbooks')[0]?.query).toMatchObject({team_id: TEAM.id});
        await userEvent.click(screen.getByRole('menuitemradio', {name: /P9/}));
        expect(screen.getByTestId('where')).toHaveTextContent('?severity=P9');
        expect(filter).toHaveTextContent('P9');
        await userEvent.click(filter);
        await userEvent.click(screen.getByRole('menuitemradio', {name: 'Without severity'}));
        expect(await screen.findByText(/matches these filters/)).toBeInTheDocument();
        expect(server.to('GET', '/incidents').map(({query}) => query.severity)).toEqual([undefined, 'P9', 'none']);
        expect(heads()).toContain('Severity');
        await userEvent.click(filter);
        await userEvent.click(screen.getByRole('menuitemradio', {name: 'All severities'}));
        expect(screen.getByTestId('where')).toHaveTextContent(/^$/);
    });

    it('follows a link with a filter', async () => {
        const server = fakeServer({'GET /incidents': page([])});
        show('?severity=SEV1,SEV2');
        expect(await screen.findByTestId('severity-filter')).toHaveTextContent('SEV1, SEV2');
        expect(server.to('GET', '/incidents')[0]?.query.severity).toBe('SEV1,SEV2');
    });

    it('follows events', async () => {
        const whole = anIncident({severity: {key: 'SEV2', levels: LEVELS}});
        fakeServer({'GET /incidents': page([toSummary(whole)])});
        const {store} = show();
        expect(await screen.findByText('SEV2')).toBeInTheDocument();
        const {events} = listen(store);
        const worse = {...whole, revision: 2, severity: {key: 'SEV1', levels: LEVELS}};
        await happens(() => events[`custom_${PLUGIN_ID}_incident_updated`]!({event: '', data: {payload: JSON.stringify(worse)}, broadcast: {}}));
        expect(cells()[0]?.[2]).toBe('SEV1');
    });
});
