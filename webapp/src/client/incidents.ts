import {pluginUrl, request, WAIT} from 'src/client/http';
import {CommanderInfo, Incident, IncidentMetadata, IncidentQuery, IncidentRow, IncidentSummary, Page, TaskDraft, TaskRun, TaskState} from 'src/types/incident';

/** Names a task of a running incident by ids, so that a concurrent reordering cannot hit another task. */
export interface TaskRef {
    incidentId: string;
    stageId: string;
    taskId: string;
}

export const incidentUrl = (id: string) => pluginUrl(`/incidents/${id}`);
const stageUrl = (incidentId: string, stageId: string) => `${incidentUrl(incidentId)}/checklists/${stageId}`;
const taskUrl = ({incidentId, stageId, taskId}: TaskRef) => `${stageUrl(incidentId, stageId)}/item/${taskId}`;

const EMPTY = {total_count: 0, page_count: 0, has_more: false, items: []};

/** What a list shows of incidents. Answers with an empty page when the server sends none. */
export async function listSummaries(query: IncidentQuery, signal?: AbortSignal): Promise<Page<IncidentSummary>> {
    const page = await request<Page<IncidentSummary> | undefined>('GET', pluginUrl('/incidents'), {query: {...query, view: 'summary'}, signal});
    return page ?? EMPTY;
}

const ACTIVE_PER_PAGE = 100;
const MOST_ACTIVE_PAGES = 10;

/** The ongoing incidents of a team that the user is a member of, newest start first; the first thousand. */
export async function listActive(teamId: string, userId: string): Promise<IncidentRow[]> {
    const found: IncidentRow[] = [];
    const query: IncidentQuery = {team_id: teamId, member_id: userId, status: 'active', sort: 'create_at', direction: 'desc', per_page: ACTIVE_PER_PAGE};
    for (let page = 0; page < MOST_ACTIVE_PAGES; page++) {
        const {items, has_more: hasMore} = await listSummaries({...query, page});
        found.push(...items.map((item) => ({last_status_at: 0, ...item})));
        if (!hasMore) {
            break;
        }
    }
    return found;
}

/** Channel ids of all matching incidents, ongoing and ended. */
export async function listIncidentChannels(query: IncidentQuery): Promise<string[]> {
    return (await request<string[] | null | undefined>('GET', pluginUrl('/incidents/channels'), {query: {...query}})) ?? [];
}

export function getIncident(id: string, signal?: AbortSignal): Promise<Incident> {
    return request('GET', incidentUrl(id), {signal});
}

/** 404 when the channel has no incident or may not be read. */
export function getIncidentByChannel(channelId: string): Promise<Incident> {
    return request('GET', pluginUrl(`/incidents/channel/${channelId}`));
}

export function getIncidentMetadata(id: string, signal?: AbortSignal): Promise<IncidentMetadata> {
    return request('GET', `${incidentUrl(id)}/metadata`, {signal});
}

export async function listCommanders(teamId: string, signal?: AbortSignal): Promise<CommanderInfo[]> {
    return (await request<CommanderInfo[] | null>('GET', pluginUrl('/incidents/commanders'), {query: {team_id: teamId}, signal})) ?? [];
}

export function setCommander(incidentId: string, userId: string): Promise<void> {
    return request('POST', `${incidentUrl(incidentId)}/commander`, {body: {commander_id: userId}, wait: WAIT.change});
}

export function setTaskState(task: TaskRef, state: TaskState): Promise<void> {
    return request('PUT', `${taskUrl(task)}/state`, {body: {new_state: state}, wait: WAIT.change});
}

/** An empty user id removes the assignee. */
export function setTaskAssignee(task: TaskRef, userId: string): Promise<void> {
    return request('PUT', `${taskUrl(task)}/assignee`, {body: userId ? {assignee_id: userId} : {}, wait: WAIT.change});
}

/** Code of the refusal to run a command that is no longer the one that was shown. */
export const COMMAND_CHANGED = 'task.command_changed';

/** Runs the task's command if it is still this text; otherwise 409 with COMMAND_CHANGED. */
export function runTaskCommand(task: TaskRef, command: string): Promise<TaskRun> {
    return request('POST', `${taskUrl(task)}/run`, {body: {command}, wait: WAIT.command});
}

export function addTask(incidentId: string, stageId: string, draft: TaskDraft): Promise<void> {
    return request('PUT', `${stageUrl(incidentId, stageId)}/add`, {body: draft, wait: WAIT.change});
}

export function editTask(task: TaskRef, draft: TaskDraft): Promise<void> {
    return request('PUT', taskUrl(task), {body: draft, wait: WAIT.change});
}

export function deleteTask(task: TaskRef): Promise<void> {
    return request('DELETE', taskUrl(task), {wait: WAIT.change});
}

/**
 * Moves a task within its stage so that it ends at position `to`, zero-based. `from` is where it is seen; the server goes
 * by the id.
 */
export function reorderTask({incidentId, stageId, taskId}: TaskRef, from: number, to: number): Promise<void> {
    return request('PUT', `${stageUrl(incidentId, stageId)}/reorder`, {body: {item_id: taskId, item_num: from, new_location: to}, wait: WAIT.change});
}
