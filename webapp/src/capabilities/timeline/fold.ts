import {isOfTask} from 'src/capabilities/timeline/stretch';
import {Entry} from 'src/capabilities/timeline/types';

/** Events of tasks of one stage that follow each other. */
export interface TaskGroup {
    key: string;

    /** Id of the stage; '' is unknown. */
    stageId: string;

    /** Two or more, oldest first. */
    events: Entry[];
}

export type Row = {key: string; day: string; entry: Entry; group?: undefined} | {key: string; day: string; group: TaskGroup; entry?: undefined};

const stageOf = ({event}: Entry) => event?.after.checklist_id ?? event?.before.checklist_id ?? '';

/** A key moment stands for itself. */
const isFoldable = (entry: Entry) => isOfTask(entry) && !entry.starred;

/** The rows of a timeline: neighbouring events of tasks of one stage and day are one row. `dayOf` names the day of a time. */
export function fold(entries: Entry[], dayOf: (at: number) => string): Row[] {
    const rows: Row[] = [];
    for (const entry of entries) {
        const day = dayOf(entry.happened_at);
        const last = rows[rows.length - 1];
        const before = last?.group ? last.group.events : (last?.entry && [last.entry]) ?? [];
        const [first] = before;
        if (first && last?.day === day && isFoldable(entry) && isFoldable(first) && stageOf(first) === stageOf(entry)) {
            const key = `tasks-${first.id}`;
            rows[rows.length - 1] = {key, day, group: {key, stageId: stageOf(entry), events: [...before, entry]}};
        } else {
            rows.push({key: entry.id, day, entry});
        }
    }
    return rows;
}

const taskOf = ({event}: Entry) => event?.after.item_id ?? event?.before.item_id ?? '';

/** How many tasks are finished by a group, and whether nothing else happens in it. */
export function finishedBy({events}: TaskGroup): {count: number; isAll: boolean} {
    const states = new Map<string, string>();
    events.filter(({event}) => event?.type === 'task_state_changed').forEach((entry) => states.set(taskOf(entry), entry.event?.after.state ?? ''));
    const count = [...states.values()].filter((state) => state === 'closed').length;
    return {count, isAll: count === events.length};
}
