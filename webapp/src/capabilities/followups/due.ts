import {IntlShape} from 'react-intl';

/** The time of a follow-up that is due on a day. */
const END_OF_DAY = '23:59';

const MINUTE = 60_000;
const formats = new Map<string | undefined, Intl.DateTimeFormat>();

/** Day and time of a time zone, as `2026-11-30` and `23:59`; without a zone those of the browser. */
function wallClock(ms: number, timeZone?: string): {day: string; time: string} {
    const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
        timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    });
    formats.set(timeZone, format);
    const part = Object.fromEntries(format.formatToParts(ms).map(({type, value}) => [type, value]));
    return {day: `${(part.year ?? '').padStart(4, '0')}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}`};
}

const asUtc = ({day, time}: {day: string; time: string}) => Date.parse(`${day}T${time}:00Z`);

/** What the fields of a form show of a due date; the time is '' for a day alone. */
export function fieldsOf(dueAt: number, timeZone?: string): {day: string; time: string} {
    if (dueAt === 0) {
        return {day: '', time: ''};
    }
    const {day, time} = wallClock(dueAt, timeZone);
    return {day, time: time === END_OF_DAY ? '' : time};
}

/** The due date that the fields of a form say; 0 without a day, NaN for a day that there is not. */
export function dueOf({day, time}: {day: string; time: string}, timeZone?: string): number {
    if (!day) {
        return 0;
    }
    const wanted = asUtc({day, time: time || END_OF_DAY});
    if (!Number.isFinite(wanted)) {
        return NaN;
    }
    // Twice, because the clocks may be changed between the first guess and the time itself.
    let at = wanted;
    for (let n = 0; n < 2; n++) {
        at = wanted - (asUtc(wallClock(at, timeZone)) - (Math.floor(at / MINUTE) * MINUTE));
    }
    return at;
}

/** Formats a due date: the time only if it has one, the year unless it is the present one. */
export function formatDue(intl: IntlShape, dueAt: number, is24Hours: boolean): string {
    const {time} = fieldsOf(dueAt, intl.timeZone);
    const yearOf = (ms: number) => wallClock(ms, intl.timeZone).day.slice(0, 4);
    const clock = time ? {hour: 'numeric', minute: '2-digit', hourCycle: is24Hours ? 'h23' : 'h12'} as const : {};
    return intl.formatDate(dueAt, {year: yearOf(dueAt) === yearOf(Date.now()) ? undefined : 'numeric', month: 'short', day: '2-digit', ...clock});
}
