import {channelById, currentTeamId, HostStore, postById} from 'src/host/store';
import {incidentChannels, isIncidentChannel} from 'src/store/my_incidents';

/** Type of messages that Mattermost deletes once they were read; nothing keeps them. */
const BURN_ON_READ = 'burn_on_read';

/**
 * Whether an incident can take something from a message, as its menu asks. That is for members of incidents. In other channels than
 * those of incidents it needs an incident of the team whose channel is not known to be archived.
 */
export function isForIncident(store: HostStore, postId: string): boolean {
    const state = store.getState();
    const post = postById(state, postId);
    return post !== undefined && post.type !== BURN_ON_READ &&
        (isIncidentChannel(post.channel_id) || incidentChannels(currentTeamId(state)).some((id) => !channelById(state, id)?.delete_at));
}
