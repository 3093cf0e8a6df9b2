import {useState} from 'react';

import {capabilities} from 'src/capabilities/all';
import {ListColumn} from 'src/capabilities/capability';
import {IncidentSummary} from 'src/types/incident';

const columns = capabilities.flatMap(({listColumn}) => listColumn ?? []);

/** What a list may be sorted by besides what the core has. */
export const addedSorts = columns.map(({key}) => key);

/** What capabilities filter by, as it is in the query. */
export const addedFilters = (query: URLSearchParams) => Object.fromEntries(columns.map(({key}) => [key, query.get(key) ?? '']));

/**
 * The columns of capabilities that the list needs. A column stays once a row has needed it, so that it does not come and go between
 * pages and filters.
 */
export function useColumns(rows: IncidentSummary[], query: URLSearchParams): ListColumn[] {
    const [needed, setNeeded] = useState<ReadonlySet<string>>(new Set());
    const isNeeded = ({key, isUsed}: ListColumn) => needed.has(key) || query.get(key) || query.get('sort') === key || rows.some(isUsed);
    const shown = columns.filter(isNeeded);
    if (shown.some(({key}) => !needed.has(key))) {
        setNeeded(new Set([...needed, ...shown.map(({key}) => key)]));
    }
    return shown;
}
