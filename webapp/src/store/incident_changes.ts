import {ApiError} from 'src/client/http';
import * as api from 'src/client/incidents';
import {onClear} from 'src/query/client';
import {trackInFlight} from 'src/store/in_flight';
import {confirmedIncident, reloadIncident, shownIncident, subscribeIncidents} from 'src/store/incidents';
import {moved, withStage, withTask, withTasksOf} from 'src/store/merge';
import {pendingChanges} from 'src/store/pending_changes';
import {Incident, Task, TaskDraft, TaskState} from 'src/types/incident';

/** How long, in milliseconds, the event that confirms a change is waited for before the incident is requested. */
export const confirmation = {timeoutMs: 600};

/** What ends the wait for the confirmation of a change, by the key of the change. */
const awaited = new Map<string, () => void>();

onClear(() => [...awaited.values()].forEach((end) => end()));

/** The last request of each queue. Each request has a timeout, so that the queue goes on when one hangs. */
const queues = new Map<string, Promise<unknown>>();

/** Sends when the requests before in the same queue have been answered, so that the server gets them in the user's order. */
async function enqueue<T>(queue: string, send: () => Promise<T>): Promise<T> {
    const before = queues.get(queue);
    const request = before ? before.then(send, send) : send();
    queues.set(queue, request);
    try {
        return await request;
    } finally {
        if (queues.get(queue) === request) {
            queues.delete(queue);
        }
    }
}

const revisionOf = (channelId: string) => confirmedIncident(channelId)?.revision ?? 0;

/**
 * Keeps showing a change that the server has taken until the confirmed incident has it. If that does not come in time,
 * because the socket is dead or somebody else has changed the same thing again, the incident is requested. A later change
 * with the same key replaces the earlier one.
 */
function awaitConfirmation(channelId: string, key: string, isIn: (incident: Incident) => boolean, revert: () => void): void {
    awaited.get(key)?.();
    const end = () => {
        window.clearTimeout(timer);
        unsubscribe();
        if (awaited.get(key) === end) {
            awaited.delete(key);
        }
        revert();
    };
    const check = () => {
        const incident = confirmedIncident(channelId);
        if (incident && isIn(incident)) {
            end();
        }
    };
    const unsubscribe = subscribeIncidents(check);
    const timer = window.setTimeout(() => void reloadIncident(channelId).finally(end), confirmation.timeoutMs);
    awaited.set(key, end);
    check();
}

/** A change without an answer may have been made nevertheless. */
function reloadIfUnknown(channelId: string, cause: unknown): void {
    if (cause instanceof ApiError && cause.status === 0) {
        void reloadIncident(channelId);
    }
}

export interface Change<T> {
    channelId: string;

    incidentId: string;

    /** Names what is changed; of two changes with the same key the later one counts. */
    key: string;

    /** Names the queue whose changes are sent in the user's order; the key when absent. */
    queue?: string;
    preview: (incident: Incident) => Incident;

    /** Whether an incident newer than the change has it; every newer one is taken for that when absent. */
    isIn?: (incident: Incident) => boolean;
    send: () => Promise<T>;
}

/**
 * Shows a change at once and sends it. When the request fails, the change is reverted and the ApiError thrown. When it
 * succeeds, the change stays on the screen until it is confirmed.
 */
export async function changeIncident<T>({channelId, incidentId, key, queue = key, preview, isIn = () => true, send}: Change<T>): Promise<T> {
    let revision = 0;
    const revert = pendingChanges.add(incidentId, preview);
    let answer: T;
    try {
        answer = await trackInFlight(channelId, enqueue(queue, () => {
            revision = revisionOf(channelId);
            return send();
        }));
    } catch (cause) {
        revert();
        reloadIfUnknown(channelId, cause);
        throw cause;
    }
    awaitConfirmation(channelId, key, (incident) => incident.revision > revision && isIn(incident), revert);
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
    return changeIncident({
        channelId,
        incidentId,
        key: `${kind} ${incidentId} ${taskId}`,
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
        preview: (task) => ({...task, assignee_id: userId, assignment: undefined}),
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
        await trackInFlight(channelId, api.deleteTask(place));
    } catch (cause) {
        reloadIfUnknown(channelId, cause);
        throw cause;
    }
    const revert = pendingChanges.add(incidentId, (incident) => (
        withStage(incident, stageId, (stage) => ({...stage, items: stage.items.filter(({id}) => id !== taskId)}))
    ));
    awaitConfirmation(channelId, `deletion ${incidentId} ${taskId}`, (incident) => tasksOf(incident, stageId).every(({id}) => id !== taskId), revert);
}

/** A task as the server said last; undefined when it is gone. */
export const confirmedTask = ({channelId, stageId, taskId}: TaskPlace): Task | undefined =>
    tasksOf(confirmedIncident(channelId), stageId).find(({id}) => id === taskId);

/**
 * Runs the task's slash command, which has to be this text still; when it is not, the incident is asked for. The answer's trigger id belongs to the dialog it may open. Nothing waits for it: it shows
 * no change, and may take as long as what it runs.
 */
export async function runCommand(place: TaskPlace, command: string): Promise<{trigger_id: string}> {
    const {channelId, incidentId, taskId} = place;
    const revision = revisionOf(channelId);
    const answer = await api.runTaskCommand(place, command).catch(async (cause: unknown) => {
        if (cause instanceof ApiError && cause.code === api.COMMAND_CHANGED) {
            await reloadIncident(channelId);
        }
        throw cause;
    });
    awaitConfirmation(channelId, `run ${incidentId} ${taskId}`, (incident) => incident.revision > revision, () => undefined);
    return answer;
}

export function add(incident: Incident, stageId: string, draft: TaskDraft): Promise<void> {
    return changeIncident({
        channelId: incident.channel_id,
        incidentId: incident.id,
        key: `new ${incident.id} ${stageId}`,
        preview: unchanged,
        send: () => api.addTask(incident.id, stageId, draft),
    });
}

/** Moves a task within its stage; `to` is the position at which it ends. */
export function move(place: TaskPlace, to: number): Promise<void> {
    const {channelId, incidentId, stageId, taskId} = place;
    const from = tasksOf(shownIncident(channelId), stageId).findIndex(({id}) => id === taskId);
    if (from < 0 || from === to) {
        return Promise.resolve();
    }
    return changeIncident({
        channelId,
        incidentId,
        key: `position ${incidentId} ${taskId}`,
        queue: `order ${incidentId} ${stageId}`,
        preview: (incident) => withStage(incident, stageId, (stage) => {
            const at = stage.items.findIndex(({id}) => id === taskId);
            return at < 0 ? stage : {...stage, items: moved(stage.items, at, to)};
        }),
        isIn: (incident) => tasksOf(incident, stageId).every(({id}, at) => id !== taskId || at === to),
        send: () => api.reorderTask(place, from, to),
    });
}

export function setCommander(incident: Incident, userId: string): Promise<void> {
    return changeIncident({
        channelId: incident.channel_id,
        incidentId: incident.id,
        key: `commander ${incident.id}`,
        preview: (shown) => withTasksOf({...shown, commander_user_id: userId}, ({kind}) => kind === 'commander', userId),
        isIn: (fresh) => fresh.commander_user_id === userId,
        send: () => api.setCommander(incident.id, userId),
    });
}
