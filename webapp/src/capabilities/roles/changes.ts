import {Answer, answerHandoff, offerCommand, setHolder} from 'src/capabilities/roles/client';
import {ApiError} from 'src/client/http';
import {changeIncident} from 'src/store/incident_changes';
import {reloadIncident, takeIncident} from 'src/store/incidents';
import {withTasksOf} from 'src/store/merge';
import {Incident} from 'src/types/incident';
import {IncidentRole} from 'src/types/roles';

const holderOf = ({roles}: Incident, key: string) => roles?.roles.find((role) => role.key === key)?.holder_id;

/** The incident with a role given to a person, and with it the tasks of the role. */
function withHolder(incident: Incident, key: string, userId: string, now: number): Incident {
    const {roles} = incident;
    if (!roles || holderOf(incident, key) === userId) {
        return incident;
    }
    const changed = (role: IncidentRole) => (role.key === key ? {...role, holder_id: userId, since: userId ? now : 0} : role);
    return withTasksOf({...incident, roles: {...roles, roles: roles.roles.map(changed)}}, (to) => to.kind === 'role' && to.role === key, userId);
}

/** Gives a role to a person, '' to nobody. Shown at once. Throws ApiError. */
export async function giveRole({id, channel_id: channelId}: Incident, key: string, userId: string): Promise<void> {
    const now = Date.now();
    takeIncident(await changeIncident({
        channelId,
        incidentId: id,
        key: `role ${id} ${key}`,
        preview: (incident) => withHolder(incident, key, userId, now),
        isIn: (incident) => (holderOf(incident, key) ?? userId) === userId,
        send: () => setHolder(id, key, userId),
    }));
}

/** Takes the incident of an answer. What a refusal shows to be outdated is asked for again. */
async function answered({channel_id: channelId}: Incident, send: () => Promise<Incident>): Promise<void> {
    try {
        takeIncident(await send());
    } catch (cause) {
        const {status} = cause as Partial<ApiError>;
        if (status === 0 || status === 409) {
            await reloadIncident(channelId);
        }
        throw cause;
    }
}

/** Offers command to a person; nothing else changes before they accept. Throws ApiError. */
export const offer = (incident: Incident, userId: string) => answered(incident, () => offerCommand(incident.id, userId));

/** Ends a pending offer of command. Throws ApiError. */
export const answer = (incident: Incident, handoffId: string, how: Answer) => answered(incident, () => answerHandoff(incident.id, handoffId, how));
