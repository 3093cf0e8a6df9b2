import {Incident} from 'src/types/incident';
import {isTime} from 'src/ui/time';

export interface TimelineRow {
    /** Stable and unique; it does not depend on the title. */
    key: string;
    stage: string;
    title: string;

    /** Milliseconds after the start of the incident at which the task was closed; undefined while it is not. */
    after?: number;
    at?: number;
}

const LABEL_LENGTH = 25;

/** Titles are Markdown; the chart shows them as plain text. */
export function plainTitle(markdown: string): string {
    return markdown.
        replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').
        replace(/(\*\*|__|~~|`)(.+?)\1/g, '$2').
        replace(/(^|\s)([*_])(\S(?:.*?\S)?)\2(?=\s|$)/g, '$1$3').
        replace(/^\s*(#{1,6}|>)\s+/, '').
        trim();
}

const DOTS = '...';

/** Shortens a title for the place beside the chart, to at most LABEL_LENGTH characters and to the room as `widthOf` measures. */
export function cut(text: string, room = Infinity, widthOf: (text: string) => number = (one) => [...one].length): string {
    const characters = [...text];
    if (characters.length <= LABEL_LENGTH && widthOf(text) <= room) {
        return text;
    }
    for (let count = Math.min(LABEL_LENGTH, characters.length - 1); count > 0; count--) {
        const shorter = characters.slice(0, count).join('') + DOTS;
        if (widthOf(shorter) <= room) {
            return shorter;
        }
    }
    return DOTS;
}

/** One row for each task of each stage, in the order of the playbook. */
export function timelineOf(incident: Incident): TimelineRow[] {
    return incident.checklists.flatMap((stage, s) => (stage.items ?? []).map((task, t) => {
        const isDone = task.state === 'closed' && isTime(task.state_modified);
        return {
            key: task.id || `${s}/${t}`,
            stage: stage.title,
            title: plainTitle(task.title),
            after: isDone ? Math.max(0, task.state_modified - incident.create_at) : undefined,
            at: isDone ? task.state_modified : undefined,
        };
    }));
}

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [1, 2, 5, 10, 15, 30].map((n) => n * MINUTE).concat([1, 2, 3, 6, 12].map((n) => n * HOUR), [1, 2, 5, 10, 20, 50, 100].map((n) => n * DAY));
const MOST_TICKS = 7;

/** At most `most` ticks from 0 to beyond the latest point at steps that read well; no two of them have the same label. */
export function ticksFor(longest: number, most = MOST_TICKS): number[] {
    let step = STEPS.find((one) => longest / one <= most - 1);
    if (!step) {
        step = 100 * DAY * Math.ceil(longest / (most - 1) / (100 * DAY));
    }
    const count = Math.max(1, Math.ceil(longest / step));
    return Array.from({length: count + 1}, (_, i) => i * (step ?? 0));
}
