import {act, screen, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {clock as capability} from 'src/capabilities/clock';
import ClockOfPage from 'src/capabilities/clock/page_details';
import ClockRow from 'src/capabilities/clock/row';
import ClockSummary from 'src/capabilities/clock/summary';
import {toSummary} from 'src/store/summary';
import {incidents} from 'src/testing/incidents';
import {anIncident} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';
import {UpdateClock} from 'src/types/clock';
import {Incident} from 'src/types/incident';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 5, 1, 12);
const next = (minutes: number): UpdateClock => ({next_update_at: NOW + (minutes * MINUTE), overdue_since: 0});
const overdue = (minutes: number): UpdateClock => ({next_update_at: 0, overdue_since: NOW - (minutes * MINUTE)});

beforeEach(() => {
    freshHost();
});
afterEach(() => {
    vi.useRealTimers();
});

describe('the clock', () => {
    it.each<[string, UpdateClock, string]>([
        ['12 minutes before', next(12), 'Next update in 12m'],
        ['a little less than 12 minutes before', next(11.2), 'Next update in 12m'],
        ['a second before', next(1 / 60), 'Next update in 1m'],
        ['more than a day before', next(1501), 'Next update in 1d 1h 1m'],
        ['when it is due and nobody has said that it is overdue', next(0), 'Update overdue for < 1m'],
        ['5 minutes after', overdue(5), 'Update overdue for 5m'],
        ['5 minutes after, with an event that has not come', next(-5), 'Update overdue for 5m'],
    ])('%s', (_when, clock, text) => {
        vi.useFakeTimers({now: NOW});
        const {container} = renderWithHost(<ClockRow incident={toSummary(anIncident({clock}))}/>);
        expect(container).toHaveTextContent(text);
        expect(container.querySelector('time')).toHaveAttribute('title', expect.stringMatching(/\d{2}:\d{2}|\d [AP]M/));
    });

    it('runs on by itself, without a request, and is no live region', () => {
        vi.useFakeTimers({now: NOW});
        const server = fakeServer();
        const {container} = renderWithHost(<ClockOfPage incident={anIncident({clock: next(2)})}/>);
        expect(container).toHaveTextContent('Next Updatein 2m');
        act(() => void vi.advanceTimersByTime(MINUTE + 1000));
        expect(container).toHaveTextContent('in 1m');
        act(() => void vi.advanceTimersByTime(3 * MINUTE));
        expect(container).toHaveTextContent('overdue for 2m');
        expect(server.calls).toHaveLength(0);
        expect(container.querySelector('[aria-live], [role=status], [role=alert], [role=timer]')).toBeNull();
    });

    it('is there only while an update is planned or overdue', () => {
        const isShown = (incident: Partial<Incident>) => capability.summaryDetails!.isShown({incident: anIncident(incident)});
        expect(isShown({clock: next(5)})).toBe(true);
        expect(isShown({clock: overdue(5)})).toBe(true);
        expect(isShown({})).toBe(false);
        expect(isShown({clock: {next_update_at: 0, overdue_since: 0}})).toBe(false);
        expect(isShown({clock: overdue(5), is_active: false})).toBe(false);
    });
});

describe('snoozing', () => {
    function show(answer = {}) {
        const incident = anIncident({clock: {next_update_at: Date.now() + MINUTE, overdue_since: 0}});
        const path = `/incidents/${incident.id}/snooze`;
        const later = {...incident, revision: 2, clock: {next_update_at: Date.now() + (240 * MINUTE), overdue_since: 0}};
        const server = fakeServer({[`POST ${path}`]: {body: later, ...answer}});
        incidents.receive(incident);
        renderWithHost(<ClockSummary incident={incident}/>);
        return {incident, later, sent: () => server.to('POST', path).map(({body}) => body)};
    }

    it('is a menu that works by keyboard, and shows the answer', async () => {
        const {incident, later, sent} = show();
        const button = within(screen.getByTestId('next-update')).getByRole('button', {name: 'Snooze'});
        button.focus();
        await userEvent.keyboard('{Enter}');
        expect(screen.getAllByRole('menuitem').map(({textContent}) => textContent)).toEqual(['For 15m', 'For 30m', 'For 1h', 'For 4h']);
        await userEvent.keyboard('{End}{Enter}');
        expect(sent()).toEqual([{seconds: 14400}]);
        expect(button).toHaveFocus();
        expect(incidents.confirmed(incident.channel_id)?.clock).toEqual(later.clock);
    });

    it('says why it failed', async () => {
        show({status: 409, body: {error: 'The incident has ended.'}});
        await userEvent.click(screen.getByRole('button', {name: 'Snooze'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'For 15m'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The next update could not be put off. The incident has ended.');
    });
});
