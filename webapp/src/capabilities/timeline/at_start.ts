import {defineMessage} from 'react-intl';

import {StartPart} from 'src/capabilities/capability';
import {serverHasTimeline} from 'src/capabilities/timeline/presence';
import {isForIncident} from 'src/incident/post_menu';

/** Name of the websocket event of an entry that was added or changed. */
export const ENTRY_EVENT = 'timeline_entry_updated';

/** The entry in the menu of messages is for members of incidents. */
export const timelineAtStart: StartPart = {
    events: [ENTRY_EVENT],
    postAction: {
        testId: 'timelinePostMenu',
        text: defineMessage({id: 'incident_timeline.post_menu', defaultMessage: 'Add to incident timeline'}),
        isOffered: (store, postId) => serverHasTimeline() && isForIncident(store, postId),
        load: () => import(/* webpackChunkName: "incident-timeline" */ 'src/capabilities/timeline/post_dialog'),
    },
};
