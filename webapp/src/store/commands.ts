import {executeCommand, getChannelByName} from 'src/client/host';
import {changesAnswered} from 'src/store/in_flight';
import {channelById, currentChannelId, currentTeamId, HostState, HostStore, receivedDialogTrigger} from 'src/host/store';
import {startRequested} from 'src/state/reducer';

const DEFAULT_CHANNEL = 'town-square';

/** A random UUID; also where the page is not served securely and `crypto.randomUUID` is missing. */
export function newClientId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Gives the dialog that the server opens next to this browser tab. */
export function adoptDialog(store: HostStore, triggerId: string | undefined): void {
    if (triggerId) {
        store.dispatch(receivedDialogTrigger(triggerId));
    }
}

/**
 * The current channel; '' when there is none, or it is one of another team: on a full page it stays that of before, and the
 * server goes by the team of the channel.
 */
function channelHere(state: HostState): string {
    const id = currentChannelId(state);
    const teamId = id && channelById(state, id)?.team_id;
    return teamId && teamId !== currentTeamId(state) ? '' : id;
}

/**
 * Runs a slash command as the user in the current channel, or in the team's default channel when none is current. Changes
 * of that channel's incident come first: the server would else ask about a task that has just been checked off. Throws
 * ApiError.
 */
export async function runSlashCommand(store: HostStore, command: string): Promise<void> {
    const state = store.getState();
    const teamId = currentTeamId(state);
    const channelId = channelHere(state) || (await getChannelByName(teamId, DEFAULT_CHANNEL)).id;
    await changesAnswered(channelId);
    const answer = await executeCommand(command, channelId, teamId);
    adoptDialog(store, answer?.trigger_id);
}

/** Remembers that this tab starts an incident, and returns the id by which the event about it is recognised. */
export function claimStart(store: HostStore): string {
    const clientId = newClientId();
    store.dispatch(startRequested(clientId));
    return clientId;
}

/** Opens the dialog that starts an incident, from a post when its id is given. Throws ApiError. */
export function startIncident(store: HostStore, postId = ''): Promise<void> {
    return runSlashCommand(store, ['/incident start', claimStart(store), postId].filter(Boolean).join(' '));
}
