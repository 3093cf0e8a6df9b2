import {listSummaries} from 'src/client/incidents';
import {allData, changeData, QueryState, useQuery, withChanges} from 'src/query/client';
import {INCIDENT_LISTS} from 'src/store/keys';
import {compareAge} from 'src/store/merge';
import {IncidentQuery, IncidentSummary, Page} from 'src/types/incident';

function withRow(page: Page<IncidentSummary>, incident: IncidentSummary): Page<IncidentSummary> {
    const held = page.items.find(({id}) => id === incident.id);
    return held && compareAge(held, incident) < 0 ? {...page, items: page.items.map((one) => (one === held ? incident : one))} : page;
}

/** Puts the incident of an event into the pages that have it, unless they have a newer revision. */
export function changeListPages(incident: IncidentSummary): void {
    changeData<Page<IncidentSummary>>([INCIDENT_LISTS], (page) => withRow(page, incident));
}

/** The row of an incident on one of the pages. */
export const listedRow = (id: string) => allData<Page<IncidentSummary>>([INCIDENT_LISTS]).flatMap(({items}) => items).find((row) => row.id === id);

/** A page of the incidents of a team that the user may see. */
export function useIncidentPage(query: IncidentQuery): QueryState<Page<IncidentSummary>> {
    const key = [INCIDENT_LISTS, query];
    return useQuery(key, (signal) => withChanges(key, listSummaries(query, signal)));
}
