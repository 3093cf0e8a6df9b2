/** A plugin that starts again answers as one without timelines for a moment, so the answer does not count for ever. */
const BELIEVED_MS = 60_000;

let missingSince = -Infinity;

/** False when the server has said lately that it knows no timelines, as one of an earlier version does. */
export const serverHasTimeline = () => Date.now() - missingSince > BELIEVED_MS;

export function noteMissingTimeline(): void {
    missingSince = Date.now();
}

/** For tests. */
export function forgetPresence(): void {
    missingSince = -Infinity;
}
