import {useStore} from 'react-redux';

import {CARRIED_EVENT, FOLLOWUP_EVENT} from 'src/capabilities/followups/at_start';
import {addFollowUp, carriedTasks, carryOver, changeFollowUp, listFollowUps, NewFollowUp, storedIn} from 'src/capabilities/followups/client';
import {readFollowUp} from 'src/capabilities/followups/payload';
import {Counts, FollowUp, FollowUpChange, FollowUpPage, FollowUpQuery} from 'src/capabilities/followups/types';
import {listPlaybooks} from 'src/client/playbooks';
import {currentTeamId, HostState} from 'src/host/store';
import {allData, changeData, limitKept, QueryState, useQuery, withChanges} from 'src/query/client';
import {gatheredRefresh} from 'src/query/gathered_refresh';
import {toApiError} from 'src/query/retry';
import {INCIDENT_DELETED, onCapabilityEvent} from 'src/realtime/capability_events';
import {Playbook} from 'src/types/playbook';

const FOLLOWUPS = 'followups';
const CARRIED = 'followups-carried';

/** How many pages are kept that no component shows. */
const MOST_KEPT = 30;

/** For how long the number of the bar is shown without asking again, in milliseconds. */
const COUNT_STALE_MS = 60_000;

limitKept(FOLLOWUPS, MOST_KEPT);

/** A page of follow-ups, of one incident if one is given. It is shown for staleTime, in milliseconds, without asking again. */
export function useFollowUpPage(query: FollowUpQuery, incidentId = '', staleTime = 0): QueryState<FollowUpPage> {
    const key = [FOLLOWUPS, incidentId, query];
    return useQuery(key, (signal) => withChanges(key, listFollowUps(query, incidentId, signal)), {staleTime});
}

/** The numbers of all follow-ups that the user may see. */
export function useCounts(): {counts?: Counts; error?: QueryState<unknown>['error']} {
    const query: FollowUpQuery = {mine: true, state: 'open', per_page: 1};
    const {data, error} = useQuery<FollowUpPage>([FOLLOWUPS, '', query], (signal) => listFollowUps(query, '', signal), {staleTime: COUNT_STALE_MS});
    return {counts: data?.counts, error};
}

/** Ids of the tasks of an incident that were carried over. Asked for whenever it is shown. */
export const useCarriedTasks = (incidentId: string) => useQuery<string[]>([CARRIED, incidentId], (signal) => carriedTasks(incidentId, signal));

/** Playbooks of a team that the user may use, by title; the current team's without an id. */
export function usePlaybooks(teamId: string): Playbook[] {
    const store = useStore<HostState>();
    const team = teamId || currentTeamId(store.getState());
    const query = {team_id: team, sort: 'title', direction: 'asc', per_page: 200} as const;
    return useQuery(['followups-playbooks', team], (signal) => listPlaybooks(query, signal)).data?.items ?? [];
}

const isHeld = ({id, revision}: FollowUp) => allData<FollowUpPage>([FOLLOWUPS]).some(({items}) => items.some((one) => one.id === id && one.revision >= revision));

/** Puts a follow-up into the pages that have it, unless they have a newer revision. What only its own user knows stays. */
function hold(fresh: FollowUp, isOwn: boolean): void {
    changeData<FollowUpPage>([FOLLOWUPS], (page) => {
        const held = page.items.find(({id}) => id === fresh.id);
        if (!held || held.revision > fresh.revision) {
            return page;
        }
        const next = isOwn ? fresh : {...fresh, can_edit: held.can_edit};
        return {...page, items: page.items.map((one) => (one === held ? next : one))};
    });
}

const pages = gatheredRefresh(FOLLOWUPS);

onCapabilityEvent(FOLLOWUP_EVENT, ({payload}) => {
    const fresh = readFollowUp(payload);
    if (fresh && !isHeld(fresh)) {
        hold(fresh, false);
        pages.soon();
    }
});
onCapabilityEvent(CARRIED_EVENT, pages.soon);
onCapabilityEvent(INCIDENT_DELETED, ({id}) => {
    changeData<FollowUpPage>([FOLLOWUPS], (page) => {
        const items = page.items.filter(({incident_id: of}) => of !== id);
        return items.length === page.items.length ? page : {...page, items, total_count: page.total_count - (page.items.length - items.length)};
    });
    pages.soon();
});

/** Adds a follow-up to an incident. */
export async function add(incidentId: string, draft: NewFollowUp, key: string): Promise<FollowUp> {
    const added = await addFollowUp(incidentId, draft, key);
    void pages.now();
    return added;
}

/**
 * Changes a follow-up as the user sees it. It fails, and the newer one is shown, if somebody else has changed it meanwhile,
 * unless the change is of its state and only something else has changed.
 */
export async function change(seen: FollowUp, what: FollowUpChange): Promise<FollowUp> {
    try {
        const after = await changeFollowUp(seen.id, {...what, revision: seen.revision});
        hold(after, true);
        void pages.now();
        return after;
    } catch (cause) {
        const current = storedIn(toApiError(cause));
        if (!current) {
            throw cause;
        }
        hold(current, true);
        if (what.state && current.state === seen.state && current.reason === seen.reason) {
            return change(current, what);
        }
        throw cause;
    }
}

/** Makes follow-ups of tasks; answers how many. */
export async function carry(incidentId: string, taskIds: string[]): Promise<number> {
    const made = await carryOver(incidentId, taskIds);
    void pages.now();
    return made.length;
}
