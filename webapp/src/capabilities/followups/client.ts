import {noteMissingFollowUps} from 'src/capabilities/followups/presence';
import {FollowUp, FollowUpChange, FollowUpDraft, FollowUpPage, FollowUpQuery, MOST_PER_PAGE} from 'src/capabilities/followups/types';
import {ApiError, pluginUrl, request, WAIT} from 'src/client/http';
import {incidentUrl} from 'src/client/incidents';
import {ShownError} from 'src/ui/notice';

const ofIncident = (incidentId: string) => `${incidentUrl(incidentId)}/followups`;

/** Whether the server has no such route; its own refusals have a code. */
export const isUnknownRoute = (error?: ShownError) => error?.status === 404 && !error.code;

async function known<T>(answer: Promise<T>): Promise<T> {
    try {
        return await answer;
    } catch (cause) {
        if (cause instanceof ApiError && isUnknownRoute(cause)) {
            noteMissingFollowUps();
        }
        throw cause;
    }
}

/** A page of the follow-ups that the user may see; with an incident those of it. */
export function listFollowUps(query: FollowUpQuery, incidentId = '', signal?: AbortSignal): Promise<FollowUpPage> {
    const url = incidentId ? ofIncident(incidentId) : pluginUrl('/followups');
    return known(request('GET', url, {query: {...query, mine: query.mine || undefined, overdue: query.overdue || undefined}, signal}));
}

/** Ids of the tasks of an incident that were carried over. */
export async function carriedTasks(incidentId: string, signal?: AbortSignal): Promise<string[]> {
    const found: string[] = [];
    for (let page = 0, hasMore = true; hasMore; page++) {
        const answer = await listFollowUps({sort: 'number', page, per_page: MOST_PER_PAGE}, incidentId, signal);
        found.push(...answer.items.map(({task_id: id}) => id).filter(Boolean));
        hasMore = answer.has_more;
    }
    return found;
}

export interface NewFollowUp extends FollowUpDraft {
    /** The message from which it is made; absent is none. */
    post_id?: string;
}

/** Adds a follow-up. Requests with the same key add one. */
export function addFollowUp(incidentId: string, draft: NewFollowUp, key: string): Promise<FollowUp> {
    return known(request('POST', ofIncident(incidentId), {body: draft, headers: {'Idempotency-Key': key}, wait: WAIT.change}));
}

export function changeFollowUp(id: string, change: FollowUpChange): Promise<FollowUp> {
    return request('PATCH', pluginUrl(`/followups/${id}`), {body: change, wait: WAIT.change});
}

/** Makes follow-ups of tasks. Those that were carried over before are left out of the answer. */
export async function carryOver(incidentId: string, taskIds: string[]): Promise<FollowUp[]> {
    const {items} = await known(request<{items: FollowUp[]}>('POST', `${ofIncident(incidentId)}/carry_over`, {body: {task_ids: taskIds}}));
    return items;
}

const CHANGED = 'followup.changed';

/** What is stored, if a change was refused because it is based on an older revision. */
export function storedIn(error?: ApiError): FollowUp | undefined {
    const current = error?.body.current;
    return error?.code === CHANGED && typeof current === 'object' && current !== null ? current as FollowUp : undefined;
}
