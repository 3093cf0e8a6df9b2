import React from 'react';
import {IntlShape, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {uses24HourClock} from 'src/host/store';
import {useClock} from 'src/ui/clock';

const MINUTE = 60 * 1000;
const HOUR = 60;
const DAY = 24 * HOUR;

/** Times before 2020 are leftovers of data that never had a time. */
export const isTime = (ms: number) => ms >= Date.UTC(2020, 0, 1);

/** Whole minutes of a duration in milliseconds as days, hours and minutes, without the parts that are zero. */
export function formatDuration(intl: IntlShape, ms: number): string {
    const minutes = Math.floor(ms / MINUTE);
    if (minutes < 1) {
        return intl.formatMessage({id: 'ui.duration.less', defaultMessage: '{less} 1m'}, {less: '<'});
    }
    const [days, hours, rest] = [Math.floor(minutes / DAY), Math.floor((minutes % DAY) / HOUR), minutes % HOUR];
    return [
        days > 0 && intl.formatMessage({id: 'ui.duration.days', defaultMessage: '{n}d'}, {n: days}),
        hours > 0 && intl.formatMessage({id: 'ui.duration.hours', defaultMessage: '{n}h'}, {n: hours}),
        rest > 0 && intl.formatMessage({id: 'ui.duration.minutes', defaultMessage: '{n}m'}, {n: rest}),
    ].filter(Boolean).join(' ');
}

const minutesBetween = (from: number, to: number) => Math.floor((to - from) / MINUTE);

/** Time from `from` to `to`, or until now and ticking when `to` is 0. `-` without a start. */
export function Duration({from, to = 0}: {from: number; to?: number}) {
    const intl = useIntl();
    const minutes = useClock((now) => minutesBetween(from, to || now), from > 0 && to === 0);
    return <>{from > 0 ? formatDuration(intl, minutes * MINUTE) : '-'}</>;
}

/** How long ago something was, with the exact time on hover. `-` when it never was. */
export function Ago({at}: {at: number}) {
    const intl = useIntl();
    const exact = useDateTime();
    const minutes = useClock((now) => minutesBetween(at, now), at > 0);
    if (at <= 0) {
        return <>{'-'}</>;
    }
    return (
        <time
            dateTime={new Date(at).toISOString()}
            title={exact(at)}
        >
            {intl.formatMessage({id: 'ui.ago', defaultMessage: '{duration} ago'}, {duration: formatDuration(intl, minutes * MINUTE)})}
        </time>
    );
}

/**
 * Whole minutes until a time, at least 1 before it; from then on 0, -1 and so on, for the whole minutes since. It ticks with the one
 * timer that everything shares.
 */
export const useMinutesUntil = (at: number): number => useClock((now) => (at > now ? Math.ceil((at - now) / MINUTE) : -minutesBetween(at, now)), at > 0);

/** The number of minutes that `useMinutesUntil` answers, without its sign, as a text. */
export const formatMinutes = (intl: IntlShape, minutes: number): string => formatDuration(intl, Math.abs(minutes) * MINUTE);

function useClockOptions() {
    const is24 = useSelector(uses24HourClock);
    return {hour: 'numeric', minute: '2-digit', hourCycle: is24 ? 'h23' : 'h12'} as const;
}

/** Formats the time of day. */
export function useTimeOfDay(): (ms: number) => string {
    const intl = useIntl();
    const clock = useClockOptions();
    return (ms) => intl.formatDate(ms, clock);
}

/** Formats a date with its time; the year is given unless it is the current one. */
export function useDateTime(): (ms: number) => string {
    const intl = useIntl();
    const clock = useClockOptions();

    // By the user's time zone, like the date; the browser may be in another year.
    const yearOf = (ms: number) => intl.formatDate(ms, {year: 'numeric'});
    return (ms) => {
        const year = yearOf(ms) === yearOf(Date.now()) ? undefined : 'numeric';
        return intl.formatDate(ms, {year, month: 'short', day: '2-digit', ...clock});
    };
}

export function DateTime({at}: {at: number}) {
    const format = useDateTime();
    return <time dateTime={new Date(at).toISOString()}>{format(at)}</time>;
}

const dayFormats = new Map<string | undefined, Intl.DateTimeFormat>();

/** Days between two times by the calendar of a time zone. */
function calendarDays(from: number, to: number, timeZone?: string): number {
    const parts = dayFormats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', {timeZone, year: 'numeric', month: '2-digit', day: '2-digit'});
    dayFormats.set(timeZone, parts);
    const day = (ms: number) => Date.parse(parts.format(ms));
    return Math.round((day(to) - day(from)) / (DAY * MINUTE));
}

/** The time today, `Yesterday at …`, `Last Monday at …`, or the date. */
export function useCalendarTime(at: number): string {
    const intl = useIntl();
    const clock = useClockOptions();

    // Midnight falls on a quarter of an hour in every time zone.
    useClock((now) => Math.floor(now / (15 * MINUTE)), isTime(at));
    const days = calendarDays(at, Date.now(), intl.timeZone);
    const time = intl.formatDate(at, clock);
    if (days <= 0) {
        return time;
    }
    if (days === 1) {
        return intl.formatMessage({id: 'ui.calendar.yesterday', defaultMessage: 'Yesterday at {time}'}, {time});
    }
    if (days < 7) {
        const weekday = intl.formatDate(at, {weekday: 'long'});
        return intl.formatMessage({id: 'ui.calendar.week', defaultMessage: 'Last {weekday} at {time}'}, {weekday, time});
    }
    return intl.formatDate(at, {year: 'numeric', month: '2-digit', day: '2-digit'});
}
