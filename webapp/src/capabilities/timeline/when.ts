const MINUTE = 60_000;
const WALL_LENGTH = 'YYYY-MM-DDTHH:mm'.length;

/** Milliseconds that a time zone is ahead of UTC at a time. Undefined is the browser's zone. */
function offsetAt(at: number, timeZone?: string): number {
    const format = new Intl.DateTimeFormat('en-US', {
        timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
        year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    const parts = Object.fromEntries(format.formatToParts(at).map(({type, value}) => [type, Number(value)]));
    const wall = Date.UTC(parts.year ?? 0, (parts.month ?? 1) - 1, parts.day, (parts.hour ?? 0) % 24, parts.minute, parts.second);
    return wall - (Math.floor(at / 1000) * 1000);
}

/** A time as clock and calendar of a time zone show it, to the minute: the value of an input of type `datetime-local`. */
export function toWall(at: number, timeZone?: string): string {
    return new Date(at + offsetAt(at, timeZone)).toISOString().slice(0, WALL_LENGTH);
}

/** The time that the value of an input of type `datetime-local` means in a time zone; NaN when it is none. */
export function fromWall(wall: string, timeZone?: string): number {
    const asUtc = Date.parse(`${wall.slice(0, WALL_LENGTH)}Z`);
    if (Number.isNaN(asUtc)) {
        return NaN;
    }
    // The offset at the time that is looked for may be another one than at the first guess.
    const guess = asUtc - offsetAt(asUtc, timeZone);
    return asUtc - offsetAt(guess, timeZone);
}

export const minutesAgo = (minutes: number) => Date.now() - (minutes * MINUTE);

/** Names the day of a time in a time zone, as YYYY-MM-DD. */
export const dayIn = (timeZone?: string) => (at: number) => toWall(at, timeZone).slice(0, 'YYYY-MM-DD'.length);
