import {request, pluginUrl, WAIT} from 'src/client/http';
import {Incident} from 'src/types/incident';

/** Plans the next status update for so many seconds from now. */
export function snooze(incidentId: string, seconds: number): Promise<Incident> {
    return request('POST', pluginUrl(`/incidents/${incidentId}/snooze`), {body: {seconds}, wait: WAIT.change});
}
