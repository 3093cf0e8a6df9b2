import {act, screen} from '@testing-library/react';
import React from 'react';
import {createIntl} from 'react-intl';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {loadMessages, directionOf} from 'src/i18n/locales';
import {ME} from 'src/testing/factories';
import {change, freshHost, hostStore, renderWithHost} from 'src/testing/host';
import {Ago, DateTime, Duration, formatDuration, useCalendarTime} from 'src/ui/time';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 23, 12, 0);

beforeEach(() => {
    freshHost();
    vi.useFakeTimers({now: NOW});
});

afterEach(() => {
    vi.useRealTimers();
});

function hostWith({locale = 'en', zone = 'UTC', military = false}) {
    const store = hostStore();
    change(store, (state) => ({
        ...state,
        entities: {
            ...state.entities,
            users: {...state.entities.users, profiles: {[ME.id]: {...ME, locale, timezone: {useAutomaticTimezone: 'false', manualTimezone: zone}}}},
            preferences: {myPreferences: {'display_settings--use_military_time': {value: String(military)}}},
        },
    }));
    return store;
}

describe('durations', () => {
    it.each([
        [0, '< 1m'], [-5, '< 1m'], [59 * SECOND, '< 1m'], [90 * SECOND, '1m'], [59 * MINUTE, '59m'], [HOUR, '1h'],
        [HOUR + (30 * MINUTE), '1h 30m'], [DAY, '1d'], [DAY + (5 * MINUTE), '1d 5m'],
        [DAY + (2 * HOUR) + (5 * MINUTE) + (30 * SECOND), '1d 2h 5m'], [42 * DAY, '42d'], [(99 * DAY) + (10 * HOUR) + (45 * MINUTE), '99d 10h 45m'],
    ])('%d ms is %s', (ms, text) => {
        expect(formatDuration(createIntl({locale: 'en', onError: () => undefined}), ms)).toBe(text);
    });

    it('less than a minute is the same in a language whose texts are loaded', async () => {
        await loadMessages('de');
        renderWithHost(<Duration from={NOW}/>, {store: hostWith({locale: 'de'})});
        expect(document.body).toHaveTextContent(/^< 1 Min\.$/);
    });

    it('all that tick share one timer, which ends with the last of them', () => {
        const set = vi.spyOn(window, 'setInterval');
        const clear = vi.spyOn(window, 'clearInterval');
        const {unmount} = renderWithHost(<><Duration from={NOW - HOUR}/>{'; '}<Duration from={NOW - DAY}/>{'; '}<Ago at={NOW - MINUTE}/></>);
        act(() => {
            vi.advanceTimersByTime(MINUTE);
        });
        expect(document.body).toHaveTextContent('1h 1m; 1d 1m; 2m ago');
        expect(set).toHaveBeenCalledTimes(1);
        unmount();
        expect(clear).toHaveBeenCalledTimes(1);
    });

    it('stand still when there is an end, and are a dash without a start', () => {
        renderWithHost(<><Duration from={NOW - HOUR} to={NOW}/>{'; '}<Duration from={0}/>{'; '}<Ago at={0}/></>);
        act(() => {
            vi.advanceTimersByTime(HOUR);
        });
        expect(document.body).toHaveTextContent('1h; -; -');
    });
});

function Calendar({at}: {at: number}) {
    return <p>{useCalendarTime(at)}</p>;
}

describe('dates', () => {
    const shown = (at: number, options: Parameters<typeof hostWith>[0] = {}) => {
        const {unmount} = renderWithHost(<Calendar at={at}/>, {store: hostWith(options)});
        const text = screen.getByText(/./).textContent?.replace(/\u202f/g, ' ');
        unmount();
        return text;
    };

    it('follow the calendar', () => {
        expect(shown(NOW - HOUR)).toBe('11:00 AM');
        expect(shown(NOW - DAY)).toBe('Yesterday at 12:00 PM');
        expect(shown(NOW - (3 * DAY))).toBe('Last Friday at 12:00 PM');
        expect(shown(NOW - (30 * DAY))).toBe('10/24/2026');
    });

    it('use the clock and the time zone that the user chose', () => {
        expect(shown(NOW - HOUR, {military: true, zone: 'Asia/Tokyo'})).toBe('20:00');
        expect(shown(NOW - (13 * HOUR), {zone: 'Pacific/Kiritimati'})).toBe('Yesterday at 1:00 PM');
    });

    it('carry the year when it is not the current one', () => {
        renderWithHost(<><DateTime at={NOW}/>{'; '}<DateTime at={NOW - (400 * DAY)}/></>, {store: hostWith({military: true})});
        expect(document.body).toHaveTextContent('Nov 23, 12:00; Oct 19, 2025, 12:00');
    });

    it('carry the year by the time zone of the user', () => {
        vi.setSystemTime(Date.UTC(2026, 11, 31, 18));
        const shownIn = (zone: string, at: number) => {
            const {container, unmount} = renderWithHost(<DateTime at={at}/>, {store: hostWith({military: true, zone})});
            const text = container.textContent;
            unmount();
            return text;
        };
        expect(shownIn('Pacific/Kiritimati', Date.now())).toBe('Jan 01, 08:00');
        expect(shownIn('Pacific/Kiritimati', Date.now() - (10 * HOUR))).toBe('Dec 31, 2026, 22:00');
        vi.setSystemTime(Date.UTC(2027, 0, 1, 6));
        expect(shownIn('Pacific/Honolulu', Date.now() - (10 * HOUR))).toBe('Dec 31, 10:00');
    });

    it('speak the language of the user', async () => {
        vi.useRealTimers();
        await loadMessages('de');
        renderWithHost(<Ago at={Date.now() - HOUR}/>, {store: hostWith({locale: 'de'})});
        expect(screen.getByText('vor 1 Std.')).toBeInTheDocument();
    });
});

it('the reading direction follows the language', () => {
    expect(['en', 'de', 'fa', 'he-IL', 'ar'].map(directionOf)).toEqual(['ltr', 'ltr', 'rtl', 'rtl', 'rtl']);
});
