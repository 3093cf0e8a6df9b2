import {Incident, Stage, Task} from 'src/types/incident';
import {Assignment} from 'src/types/roles';

type Age = Pick<Incident, 'revision' | 'post_revision'>;

/** Negative when a is older than b; 0 when they show the same change. */
export function compareAge(a: Age, b: Age): number {
    return ((a.revision ?? 0) - (b.revision ?? 0)) || ((a.post_revision ?? 0) - (b.post_revision ?? 0));
}

function sameFields<T extends object>(a: T, b: T): boolean {
    const keys = Object.keys(b) as Array<keyof T>;
    return keys.length === Object.keys(a).length && keys.every((key) => Object.is(a[key], b[key]));
}

function shareTask(old: Task | undefined, fresh: Task): Task {
    if (!old) {
        return fresh;
    }
    const isSameAssignment = old.assignment && JSON.stringify(old.assignment) === JSON.stringify(fresh.assignment);
    return sameFields(old, isSameAssignment ? {...fresh, assignment: old.assignment} : fresh) ? old : fresh;
}

function shareStage(old: Stage | undefined, fresh: Stage): Stage {
    if (!old) {
        return fresh;
    }
    const tasks = new Map(old.items.map((task) => [task.id, task]));
    const items = (fresh.items ?? []).map((task) => shareTask(tasks.get(task.id), task));
    const same = items.length === old.items.length && items.every((task, i) => task === old.items[i]);
    const stage = {...fresh, items: same ? old.items : items};
    return sameFields(old, stage) ? old : stage;
}

/**
 * The fresh incident, with every stage and task that did not change taken from the old one, so that only
 * what changed is rendered again.
 */
export function shareUnchanged(old: Incident | undefined, fresh: Incident): Incident {
    if (!old || old.id !== fresh.id) {
        return fresh;
    }
    const stages = new Map(old.checklists.map((stage) => [stage.id, stage]));
    const checklists = (fresh.checklists ?? []).map((stage) => shareStage(stages.get(stage.id), stage));
    const same = checklists.length === old.checklists.length && checklists.every((stage, i) => stage === old.checklists[i]);
    return {...fresh, checklists: same ? old.checklists : checklists};
}

/**
 * What to show when `fresh` has come by an answer or event: the newer of both. A status update that was deleted stays so,
 * since its deletion gives the incident no new revision.
 */
export function newest(held: Incident | undefined, fresh: Incident): Incident {
    if (!held || held.id !== fresh.id) {
        return fresh;
    }
    if (compareAge(fresh, held) < 0) {
        return held;
    }
    return held.status_posts.reduce<Incident>((shown, {id, delete_at: at}) => (at ? withPostDeleted(shown, id, at) : shown), shareUnchanged(held, fresh));
}

/** The incident with one of its status updates marked as deleted; the same object when nothing changes. */
export function withPostDeleted(incident: Incident, postId: string, at: number): Incident {
    if (!incident.status_posts.some((post) => post.id === postId && !post.delete_at)) {
        return incident;
    }
    return {...incident, status_posts: incident.status_posts.map((post) => (post.id === postId ? {...post, delete_at: at} : post))};
}

/** The incident with one stage replaced. */
export function withStage(incident: Incident, stageId: string, change: (stage: Stage) => Stage): Incident {
    return {...incident, checklists: incident.checklists.map((stage) => (stage.id === stageId ? change(stage) : stage))};
}

/** The incident with one task replaced. */
export function withTask(incident: Incident, stageId: string, taskId: string, change: (task: Task) => Task): Incident {
    return withStage(incident, stageId, (stage) => ({...stage, items: stage.items.map((task) => (task.id === taskId ? change(task) : task))}));
}

/** The incident with the tasks that belong to a role, or to the commander, given to its holder; '' is nobody. Closed ones keep who had them. */
export function withTasksOf(incident: Incident, isOwn: (assignment: Assignment) => boolean, userId: string): Incident {
    const isMoved = ({assignment, assignee_id: assignee, state}: Task) => assignment !== undefined && state !== 'closed' && assignee !== userId && isOwn(assignment);
    return {
        ...incident,
        checklists: incident.checklists.map((stage) => (stage.items.some(isMoved) ? {
            ...stage,
            items: stage.items.map((task) => (isMoved(task) ? {...task, assignee_id: userId} : task)),
        } : stage)),
    };
}

/** A copy of the list with the element at `from` moved so that it ends at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
    const copy = [...list];
    copy.splice(to, 0, ...copy.splice(from, 1));
    return copy;
}
