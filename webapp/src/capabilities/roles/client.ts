import {request, WAIT} from 'src/client/http';
import {incidentUrl} from 'src/client/incidents';
import {Incident} from 'src/types/incident';
import {RoleSpan} from 'src/types/roles';

/** Gives a role to a person, '' to nobody. */
export function setHolder(incidentId: string, roleKey: string, userId: string): Promise<Incident> {
    return request('PUT', `${incidentUrl(incidentId)}/roles/${encodeURIComponent(roleKey)}`, {body: {user_id: userId}, wait: WAIT.change});
}

/** Who had which role when, and who was the commander. */
export async function getHistory(incidentId: string, signal?: AbortSignal): Promise<RoleSpan[]> {
    const {items} = await request<{items: RoleSpan[] | null}>('GET', `${incidentUrl(incidentId)}/roles/history`, {signal});
    return items ?? [];
}

/** Offers command to a person. 409 when an offer is pending, or to the commander. */
export function offerCommand(incidentId: string, userId: string): Promise<Incident> {
    return request('POST', `${incidentUrl(incidentId)}/handoff`, {body: {user_id: userId}, wait: WAIT.change});
}

export type Answer = 'accept' | 'decline' | 'withdraw';

/** Ends a pending offer. 409 with code HANDOFF_OVER when it is over already. */
export function answerHandoff(incidentId: string, handoffId: string, answer: Answer): Promise<Incident> {
    return request('POST', `${incidentUrl(incidentId)}/handoff/${handoffId}/${answer}`, {wait: WAIT.change});
}

/** Code of the refusal of an answer to an offer that is over. */
export const HANDOFF_OVER = 'handoff.over';
