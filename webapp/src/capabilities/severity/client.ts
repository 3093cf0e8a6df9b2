import {incidentUrl} from 'src/client/incidents';
import {request, WAIT} from 'src/client/http';
import {Incident} from 'src/types/incident';

export interface SeverityChange {
    /** Key of the level. */
    severity: string;

    /** '' is none. */
    reason: string;

    /** The next status update becomes later where the new level allows that. */
    reschedule: boolean;
}

export function changeSeverity(incidentId: string, change: SeverityChange): Promise<Incident> {
    return request('PUT', `${incidentUrl(incidentId)}/severity`, {body: change, wait: WAIT.change});
}
