import * as api from 'src/client/incidents';
import {incidents} from 'src/data/incident_store';
import {moved, withStage, withTask} from 'src/data/merge';
import {Incident, TaskDraft, TaskState} from 'src/types/incident';

/** How long, in milliseconds, the event that confirms a change is waited for before the incident is asked for. */
export const patience = {event: 600};

const waiting = new Set<() => void>();

/** Waits for no more confirmations. */
export function forgetChanges(): void {
    waiting.forEach((stop) => stop());
}

const underWay = new Map<string, Set<Promise<unknown>>>();

/** Keeps note of a request that changes the incident of a channel for as long as it is under way. */
async function noted<T>(channelId: string, request: Promise<T>): Promise<T> {
    const requests = underWay.get(channelId) ?? new Set();
    underWay.set(channelId, requests.add(request));
    try {
        return await request;
    } finally {
        requests.delete(request);
        if (requests.size === 0) {
            underWay.delete(channelId);
        }
    }
}

/** Waits until the changes that are shown have been answered, with success or not: what builds on them has to come after. */
export async function changesAnswered(channelId: string): Promise<void> {
    await Promise.allSettled(underWay.get(channelId) ?? []);
}

/** Whether a newer revision has come within the time; true also when nobody cares any more. */
function newerThan(channelId: string, revision: number): Promise<boolean> {
    const has = () => (incidents.confirmed(channelId)?.revision ?? -1) > revision;
    if (has()) {
        return Promise.resolve(true);
    }
    return new Promise((resolve) => {
        const done = (answer: boolean) => {
            window.clearTimeout(timer);
            unsubscribe();
            waiting.delete(stop);
            resolve(answer);
        };
        const stop = () => done(true);
        waiting.add(stop);
        const unsubscribe = incidents.subscribe(() => has() && done(true));
        const timer = window.setTimeout(() => done(false), patience.event);
    });
}

function settle(channelId: string, revision: number, takeBack: () => void): void {
    void newerThan(channelId, revision).
        then((came) => (came ? undefined : incidents.load(channelId))).
        finally(takeBack);
}

/**
 * Shows a change at once and sends it. When the request fails, the change is taken back and the ApiError thrown. When it
 * succeeds, the change stays on the screen until the confirming event has come; if none comes, because the socket is dead,
 * the incident is asked for.
 */
async function change<T>(channelId: string, preview: (incident: Incident) => Incident, send: () => Promise<T>): Promise<T> {
    const revision = incidents.confirmed(channelId)?.revision ?? 0;
    const takeBack = incidents.preview(channelId, preview);
    let answer: T;
    try {
        answer = await noted(channelId, send());
    } catch (cause) {
        takeBack();
        throw cause;
    }
    settle(channelId, revision, takeBack);
    return answer;
}

const unchanged = (incident: Incident) => incident;

/** Identifies a task of an incident together with the channel that it is shown in. */
export interface TaskPlace extends api.TaskRef {
    channelId: string;
}

export function setState(place: TaskPlace, state: TaskState): Promise<void> {
    const {channelId, stageId, taskId} = place;
    const now = Date.now();
    return change(channelId, (incident) => withTask(incident, stageId, taskId, (task) => (
        task.state === state ? task : {...task, state, state_modified: now, state_modified_post_id: ''}
    )), () => api.setTaskState(place, state));
}

export function assign(place: TaskPlace, userId: string): Promise<void> {
    const {channelId, stageId, taskId} = place;
    return change(channelId, (incident) => withTask(incident, stageId, taskId, (task) => ({...task, assignee_id: userId})), () => api.setTaskAssignee(place, userId));
}

export function edit(place: TaskPlace, draft: TaskDraft): Promise<void> {
    const {channelId, stageId, taskId} = place;
    return change(channelId, (incident) => withTask(incident, stageId, taskId, (task) => ({...task, ...draft})), () => api.editTask(place, draft));
}

/** The task stays until the server has answered: the question and a failure are shown at it. */
export async function remove(place: TaskPlace): Promise<void> {
    const {channelId, stageId, taskId} = place;
    const revision = incidents.confirmed(channelId)?.revision ?? 0;
    await noted(channelId, api.deleteTask(place));
    settle(channelId, revision, incidents.preview(channelId, (incident) => (
        withStage(incident, stageId, (stage) => ({...stage, items: stage.items.filter(({id}) => id !== taskId)}))
    )));
}

/** Runs the task's slash command; the answer's trigger id belongs to the dialog it may open. */
export function runCommand(place: TaskPlace): Promise<{trigger_id: string}> {
    return change(place.channelId, unchanged, () => api.runTaskCommand(place));
}

export function add(incident: Incident, stageId: string, draft: TaskDraft): Promise<void> {
    return change(incident.channel_id, unchanged, () => api.addTask(incident.id, stageId, draft));
}

/** Moves a task within its stage; `to` is the position at which it ends. */
export function move(place: TaskPlace, to: number): Promise<void> {
    const {channelId, stageId, taskId} = place;
    const tasks = incidents.read(channelId).incident?.checklists.find(({id}) => id === stageId)?.items ?? [];
    const from = tasks.findIndex(({id}) => id === taskId);
    if (from < 0 || from === to) {
        return Promise.resolve();
    }
    return change(channelId, (incident) => withStage(incident, stageId, (stage) => {
        const at = stage.items.findIndex(({id}) => id === taskId);
        return at < 0 ? stage : {...stage, items: moved(stage.items, at, to)};
    }), () => api.reorderTask(place, from, to));
}

export function setCommander(incident: Incident, userId: string): Promise<void> {
    return change(incident.channel_id, (shown) => ({...shown, commander_user_id: userId}), () => api.setCommander(incident.id, userId));
}
