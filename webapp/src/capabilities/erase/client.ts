import {request} from 'src/client/http';
import {incidentUrl} from 'src/client/incidents';

/** What becomes of the channel of an incident that is deleted. */
export type ChannelChoice = 'archive' | 'leave';

/** What stays of an incident that was deleted. */
export interface Erasure {
    incident_id: string;
    deleted_by_id: string;
    deleted_at: number;

    /** Hash of the name, in hexadecimal. */
    name_sha256: string;
}

/**
 * Deletes an incident with everything that belongs to it. `name` has to be its exact name. Sent again after a lost answer, it
 * succeeds.
 */
export function eraseIncident(id: string, name: string, channel: ChannelChoice): Promise<Erasure> {
    return request('DELETE', `${incidentUrl(id)}/everything`, {body: {name, channel}});
}
