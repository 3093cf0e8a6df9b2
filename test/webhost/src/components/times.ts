// Times in the user's language, zone and clock.
import {store} from '../store';
import {locale, me, preference} from '../store/selectors';

function zone(): string | undefined {
    const timezone = me(store.getState())?.timezone;
    const name = timezone?.useAutomaticTimezone === 'false' ? timezone.manualTimezone : '';
    return name || undefined;
}

function format(options: Intl.DateTimeFormatOptions, at: number): string {
    const state = store.getState();
    const hour12 = preference(state, 'display_settings', 'use_military_time') !== 'true';
    const timed = options.hour || options.timeStyle ? {hour12} : {};
    return new Intl.DateTimeFormat(locale(state), {...options, ...timed, timeZone: zone()}).format(at);
}

export const clock = (at: number) => format({hour: 'numeric', minute: '2-digit'}, at);

export const fullDate = (at: number) => format({dateStyle: 'full', timeStyle: 'short'}, at);

/** Names the day of a time; equal for equal days. */
export function day(at: number): string {
    const year = new Date(at).getFullYear() === new Date().getFullYear() ? undefined : 'numeric';
    return format({weekday: 'long', month: 'long', day: 'numeric', year}, at);
}
