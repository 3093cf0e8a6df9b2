import {defineMessage} from 'react-intl';

import {StartPart} from 'src/capabilities/capability';
import {serverHasTimeline} from 'src/capabilities/timeline/presence';
import {channelById, currentTeamId, postById} from 'src/host/store';
import {incidentChannels, isIncidentChannel} from 'src/store/my_incidents';

/** Name of the websocket event of an entry that was added or changed. */
export const ENTRY_EVENT = 'timeline_entry_updated';

/** Type of messages that Mattermost deletes once they were read; a timeline does not take them. */
const BURN_ON_READ = 'burn_on_read';

/**
 * The entry in the menu of messages is for members of incidents. In other channels than those of incidents it needs an
 * incident of the team whose channel is not known to be archived.
 */
export const timelineAtStart: StartPart = {
    events: [ENTRY_EVENT],
    postAction: {
        testId: 'timelinePostMenu',
        text: defineMessage({id: 'incident_timeline.post_menu', defaultMessage: 'Add to incident timeline'}),
        isOffered: (store, postId) => {
            const state = store.getState();
            const post = postById(state, postId);
            return post !== undefined && post.type !== BURN_ON_READ && serverHasTimeline() &&
                (isIncidentChannel(post.channel_id) || incidentChannels(currentTeamId(state)).some((id) => !channelById(state, id)?.delete_at));
        },
        load: () => import(/* webpackChunkName: "incident-timeline" */ 'src/capabilities/timeline/post_dialog'),
    },
};
