import {useIntl} from 'react-intl';

import {useDateTime, useTimeOfDay} from 'src/ui/time';

/** Formats a time as the time of day, with its date unless it is today. */
export function useShortTime(): (ms: number) => string {
    const intl = useIntl();
    const timeOfDay = useTimeOfDay();
    const dateTime = useDateTime();
    const dayOf = (ms: number) => intl.formatDate(ms, {year: 'numeric', month: 'numeric', day: 'numeric'});
    return (ms) => (dayOf(ms) === dayOf(Date.now()) ? timeOfDay(ms) : dateTime(ms));
}
