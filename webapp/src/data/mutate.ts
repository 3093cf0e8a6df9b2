import {ApiError} from 'src/client/http';
import * as api from 'src/client/incidents';
import {incidents} from 'src/data/incident_store';
import {moved, withStage, withTask} from 'src/data/merge';
import {Incident, Task, TaskDraft, TaskState} from 'src/types/incident';

/** How long, in milliseconds, the event that confirms a change is waited for before the incident is asked for. */
export const patience = {event: 600};

/** What ends the wait for the confirmation of a change, by what was changed. */
const settling = new Map<string, () => void>();

/** Waits for no more confirmations. */
export function forgetChanges(): void {
    [...settling.values()].forEach((end) => end());
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

const lines = new Map<string, Promise<unknown>>();

/** Sends when what was sent before in the same line has been answered, so that the server hears of it in the user's order. */
async function inTurn<T>(line: string, send: () => Promise<T>): Promise<T> {
    const before = lines.get(line);
    const turn = before ? before.then(send, send) : send();
    lines.set(line, turn);
    try {
        return await turn;
    } finally {
        if (lines.get(line) === turn) {
            lines.delete(line);
        }
    }
}

const revisionOf = (channelId: string) => incidents.confirmed(channelId)?.revision ?? 0;

/**
 * Keeps showing a change that the server has taken until the confirmed incident has it. If that does not come in time,
 * because the socket is dead or somebody else has changed the same thing again, the incident is asked for. A later change
 * of the same thing stands for the earlier one.
 */
function settle(channelId: string, thing: string, isIn: (incident: Incident) => boolean, takeBack: () => void): void {
    settling.get(thing)?.();
    const end = () => {
        window.clearTimeout(timer);
        unsubscribe();
        if (settling.get(thing) === end) {
            settling.delete(thing);
        }
        takeBack();
    };
    const check = () => {
        const incident = incidents.confirmed(channelId);
        if (incident && isIn(incident)) {
            end();
        }
    };
    const unsubscribe = incidents.subscribe(check);
    const timer = window.setTimeout(() => void incidents.load(channelId).finally(end), patience.event);
    settling.set(thing, end);
    check();
}

/** What no answer came to may have been done all the same. */
function askIfUnknown(channelId: string, cause: unknown): void {
    if (cause instanceof ApiError && cause.status === 0) {
        void incidents.load(channelId);
    }
}

interface Change<T> {
    channelId: string;

    /** Names what is changed; of two changes of the same thing the later one counts. */
    thing: string;

    /** Names what has to be changed in the user's order, when that is more than the thing. */
    line?: string;
    preview: (incident: Incident) => Incident;

    /** Whether an incident newer than the change has it; every newer one is taken for that when absent. */
    isIn?: (incident: Incident) => boolean;
    send: () => Promise<T>;
}

/**
 * Shows a change at once and sends it. When the request fails, the change is taken back and the ApiError thrown. When it
 * succeeds, the change stays on the screen until it is confirmed.
 */
async function change<T>({channelId, thing, line = thing, preview, isIn = () => true, send}: Change<T>): Promise<T> {
    let revision = 0;
    const takeBack = incidents.preview(channelId, preview);
    let answer: T;
    try {
        answer = await noted(channelId, inTurn(line, () => {
            revision = revisionOf(channelId);
            return send();
        }));
    } catch (cause) {
        takeBack();
        askIfUnknown(channelId, cause);
        throw cause;
    }
    settle(channelId, thing, (incident) => incident.revision > revision && isIn(incident), takeBack);
    return answer;
}

const unchanged = (incident: Incident) => incident;

/** Identifies a task of an incident together with the channel that it is shown in. */
export interface TaskPlace extends api.TaskRef {
    channelId: string;
}

const tasksOf = (incident: Incident | undefined, stageId: string) => incident?.checklists.find(({id}) => id === stageId)?.items ?? [];

/** A change of one task. A task that is gone has every change: nothing of it remains to be shown. */
function changeTask({channelId, incidentId, stageId, taskId}: TaskPlace, kind: string, {preview, isIn, send}: {
    preview: (task: Task) => Task;
    isIn: (task: Task) => boolean;
    send: () => Promise<void>;
}): Promise<void> {
    return change({
        channelId,
        thing: `${kind} ${incidentId} ${taskId}`,
        preview: (incident) => withTask(incident, stageId, taskId, preview),
        isIn: (incident) => tasksOf(incident, stageId).every((task) => task.id !== taskId || isIn(task)),
        send,
    });
}

export function setState(place: TaskPlace, state: TaskState): Promise<void> {
    const now = Date.now();
    return changeTask(place, 'state', {
        preview: (task) => (task.state === state ? task : {...task, state, state_modified: now, state_modified_post_id: ''}),
        isIn: (task) => task.state === state,
        send: () => api.setTaskState(place, state),
    });
}

export function assign(place: TaskPlace, userId: string): Promise<void> {
    return changeTask(place, 'assignee', {
        preview: (task) => ({...task, assignee_id: userId}),
        isIn: (task) => task.assignee_id === userId,
        send: () => api.setTaskAssignee(place, userId),
    });
}

export function edit(place: TaskPlace, draft: TaskDraft): Promise<void> {
    return changeTask(place, 'text', {
        preview: (task) => ({...task, ...draft}),
        isIn: ({title, command, description}) => title === draft.title && command === draft.command && description === draft.description,
        send: () => api.editTask(place, draft),
    });
}

/** The task stays until the server has answered: the question and a failure are shown at it. */
export async function remove(place: TaskPlace): Promise<void> {
    const {channelId, incidentId, stageId, taskId} = place;
    try {
        await noted(channelId, api.deleteTask(place));
    } catch (cause) {
        askIfUnknown(channelId, cause);
        throw cause;
    }
    const takeBack = incidents.preview(channelId, (incident) => (
        withStage(incident, stageId, (stage) => ({...stage, items: stage.items.filter(({id}) => id !== taskId)}))
    ));
    settle(channelId, `deletion ${incidentId} ${taskId}`, (incident) => tasksOf(incident, stageId).every(({id}) => id !== taskId), takeBack);
}

/** A task as the server said last; undefined when it is gone. */
export const confirmedTask = ({channelId, stageId, taskId}: TaskPlace): Task | undefined =>
    tasksOf(incidents.confirmed(channelId), stageId).find(({id}) => id === taskId);

/**
 * Runs the task's slash command, which has to be this text still; when it is not, the incident is asked for. The answer's trigger id belongs to the dialog it may open. Nothing waits for it: it shows
 * no change, and may take as long as what it runs.
 */
export async function runCommand(place: TaskPlace, command: string): Promise<{trigger_id: string}> {
    const {channelId, incidentId, taskId} = place;
    const revision = revisionOf(channelId);
    const answer = await api.runTaskCommand(place, command).catch(async (cause: unknown) => {
        if (cause instanceof ApiError && cause.code === api.COMMAND_CHANGED) {
            await incidents.load(channelId);
        }
        throw cause;
    });
    settle(channelId, `run ${incidentId} ${taskId}`, (incident) => incident.revision > revision, () => undefined);
    return answer;
}

export function add(incident: Incident, stageId: string, draft: TaskDraft): Promise<void> {
    return change({
        channelId: incident.channel_id,
        thing: `new ${incident.id} ${stageId}`,
        preview: unchanged,
        send: () => api.addTask(incident.id, stageId, draft),
    });
}

/** Moves a task within its stage; `to` is the position at which it ends. */
export function move(place: TaskPlace, to: number): Promise<void> {
    const {channelId, incidentId, stageId, taskId} = place;
    const from = tasksOf(incidents.read(channelId).incident, stageId).findIndex(({id}) => id === taskId);
    if (from < 0 || from === to) {
        return Promise.resolve();
    }
    return change({
        channelId,
        thing: `position ${incidentId} ${taskId}`,
        line: `order ${incidentId} ${stageId}`,
        preview: (incident) => withStage(incident, stageId, (stage) => {
            const at = stage.items.findIndex(({id}) => id === taskId);
            return at < 0 ? stage : {...stage, items: moved(stage.items, at, to)};
        }),
        isIn: (incident) => tasksOf(incident, stageId).every(({id}, at) => id !== taskId || at === to),
        send: () => api.reorderTask(place, from, to),
    });
}

export function setCommander(incident: Incident, userId: string): Promise<void> {
    return change({
        channelId: incident.channel_id,
        thing: `commander ${incident.id}`,
        preview: (shown) => ({...shown, commander_user_id: userId}),
        isIn: (fresh) => fresh.commander_user_id === userId,
        send: () => api.setCommander(incident.id, userId),
    });
}
