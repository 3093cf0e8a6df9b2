import {ApiError, hostUrl, request, WAIT} from 'src/client/http';
import {incidentUrl} from 'src/client/incidents';
import {Incident} from 'src/types/incident';

/** Has the channel of an incident stay: nothing archives it. 409 when the plugin has archived it already. */
export function keepChannel(incidentId: string): Promise<Incident> {
    return request('POST', `${incidentUrl(incidentId)}/channel/keep`, {wait: WAIT.change});
}

/** Makes an ended incident ongoing again. A channel that the plugin has archived comes back with it. */
export function restart(incidentId: string): Promise<void> {
    return request('PUT', `${incidentUrl(incidentId)}/restart`, {wait: WAIT.change});
}

/** A group of Mattermost's, such as one of a directory. */
export interface Group {
    id: string;

    /** Absent where nobody can mention it. */
    name?: string | null;
    display_name: string;
}

const GROUPS_PER_PAGE = 200;
const MOST_PAGES = 5;

/** Answers of servers whose license or configuration has no groups. */
const WITHOUT_GROUPS = [400, 403, 404, 501];

async function groupsOf(query: Record<string, string | number>, signal?: AbortSignal): Promise<Group[]> {
    return await request<Group[] | null>('GET', hostUrl('/groups'), {query: {filter_allow_reference: 'true', ...query}, signal}) ?? [];
}

/** The groups that can be invited, the first thousand; null where the server has no groups. */
export async function listGroups(signal?: AbortSignal): Promise<Group[] | null> {
    const found: Group[] = [];
    try {
        for (let page = 0; page < MOST_PAGES; page++) {
            const some = await groupsOf({page, per_page: GROUPS_PER_PAGE}, signal);
            found.push(...some);
            if (some.length < GROUPS_PER_PAGE) {
                break;
            }
        }
    } catch (cause) {
        if (cause instanceof ApiError && WITHOUT_GROUPS.includes(cause.status)) {
            return null;
        }
        throw cause;
    }
    return found;
}

export const searchGroups = (term: string, signal?: AbortSignal) => groupsOf({q: term, page: 0, per_page: 60}, signal);
