import {Entry, Filter, KindName} from 'src/capabilities/timeline/types';

/** A part of a timeline without gaps, oldest entry first. */
export interface Stretch {
    entries: Entry[];

    /** Whether there are entries before the first, and after the last. */
    hasOlder: boolean;
    hasNewer: boolean;
}

/** How many entries are held after a page was read; those at the other end are dropped. */
export const MOST_HELD = 300;

/** How many may be held while entries come live: to drop the oldest moves what is being read. */
const MOST_LIVE = 2 * MOST_HELD;

/** Orders entries with the same time: the revision of an own event, the time of recording of others. */
const sequence = ({event, recorded_at: recorded}: Entry) => event?.revision ?? recorded;

/** Negative when a comes before b, by the server's order. */
export function compare(a: Entry, b: Entry): number {
    return a.happened_at - b.happened_at || sequence(a) - sequence(b) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** The cursor of an entry's place. */
export const cursorOf = (entry: Entry) => `${entry.happened_at}.${sequence(entry)}.${entry.id}`;

/** A cursor before all entries of a time, in milliseconds. */
export const cursorBefore = (at: number) => `${at}.0.${'0'.repeat(26)}`;

const KIND_OF_EVENT: Record<string, KindName> = {
    started: 'incident',
    ended: 'incident',
    restarted: 'incident',
    start_time_changed: 'incident',
    commander_changed: 'commander',
    stage_changed: 'stage',
    update_planned: 'reminder',
    update_overdue: 'reminder',
    reminder_posted: 'reminder',
};

/** Whether an own event is about a task. */
export const isOfTask = ({event}: Entry) => event?.type.startsWith('task_') === true;

/** The server's name of the kind of an entry. */
export function kindName(entry: Entry): KindName {
    if (entry.kind !== 'event') {
        return entry.kind;
    }
    return isOfTask(entry) ? 'task' : KIND_OF_EVENT[entry.event?.type ?? ''] ?? 'other';
}

/** Whether the server would list an entry with this filter. */
export function isSelected(entry: Entry, {kinds, person, starred}: Filter): boolean {
    return (kinds.length === 0 || kinds.includes(kindName(entry))) &&
        (person === '' || entry.author_id === person || (entry.kind !== 'event' && entry.added_by_id === person)) &&
        (!starred || (entry.starred && entry.deleted_at === 0));
}

const same = (a: Entry, b: Entry) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The entry that was held, or the one that has come, whichever is newer. */
const newer = (held: Entry, come: Entry) => (held.version > come.version || same(held, come) ? held : come);

/** Puts an entry where it belongs; takes out one that the filter no longer selects. Outside of the stretch nothing is known. */
export function withEntry(stretch: Stretch, come: Entry, filter: Filter): Stretch {
    const {entries, hasOlder, hasNewer} = stretch;
    const held = entries.find(({id}) => id === come.id);
    const entry = held ? newer(held, come) : come;
    if (held && entry === held) {
        return stretch;
    }
    const others = held ? entries.filter((one) => one !== held) : entries;
    const next = others.findIndex((one) => compare(one, entry) > 0);
    const at = next < 0 ? others.length : next;
    const isOutside = (at === 0 && hasOlder) || (at === others.length && hasNewer);
    if (isOutside || !isSelected(entry, filter)) {
        return held ? {...stretch, entries: others} : stretch;
    }
    const all = [...others.slice(0, at), entry, ...others.slice(at)];
    return all.length > MOST_LIVE ? {entries: all.slice(-MOST_HELD), hasOlder: true, hasNewer} : {...stretch, entries: all};
}

/** Notes that the message that an entry was made from was deleted. */
export function withPostGone(stretch: Stretch, postId: string): Stretch {
    const isOf = ({source}: Entry) => source?.post_id === postId && !source.gone;
    return stretch.entries.some(isOf) ? {...stretch, entries: stretch.entries.map((entry) => (
        entry.source && isOf(entry) ? {...entry, source: {...entry.source, gone: true}} : entry
    ))} : stretch;
}

/** Adds a page of older entries, newest first as the server answers. */
export function withOlder(stretch: Stretch, page: Entry[], hasMore: boolean): Stretch {
    const known = new Set(stretch.entries.map(({id}) => id));
    const all = [...page.filter(({id}) => !known.has(id)).reverse(), ...stretch.entries];
    return {entries: all.slice(0, MOST_HELD), hasOlder: hasMore, hasNewer: stretch.hasNewer || all.length > MOST_HELD};
}

/** Adds a page of newer entries, oldest first. */
export function withNewer(stretch: Stretch, page: Entry[], hasMore: boolean): Stretch {
    const known = new Set(stretch.entries.map(({id}) => id));
    const all = [...stretch.entries, ...page.filter(({id}) => !known.has(id))];
    return {entries: all.slice(-MOST_HELD), hasOlder: stretch.hasOlder || all.length > MOST_HELD, hasNewer: hasMore};
}

/** What is held after an answer or a change: entries that have not changed stay the same objects, and newer ones stay. */
export function settled(held: Stretch | undefined, fresh: Stretch): Stretch {
    if (!held || held === fresh) {
        return fresh;
    }
    const known = new Map(held.entries.map((entry) => [entry.id, entry]));
    return {...fresh, entries: fresh.entries.map((entry) => {
        const before = known.get(entry.id);
        return before ? newer(before, entry) : entry;
    })};
}
