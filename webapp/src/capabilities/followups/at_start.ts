import {defineMessage} from 'react-intl';

import {StartPart} from 'src/capabilities/capability';
import {serverHasFollowUps} from 'src/capabilities/followups/presence';
import {isForIncident} from 'src/incident/post_menu';

/** Name of the websocket event of a follow-up that was added or changed. */
export const FOLLOWUP_EVENT = 'followup_updated';

/** Name of the websocket event of tasks that were carried over. */
export const CARRIED_EVENT = 'followups_carried_over';

/** The entry in the menu of messages is for members of incidents. */
export const followupsAtStart: StartPart = {
    events: [FOLLOWUP_EVENT, CARRIED_EVENT],
    postAction: {
        testId: 'followupPostMenu',
        text: defineMessage({id: 'followups.post_menu', defaultMessage: 'Create follow-up'}),
        isOffered: (store, postId) => serverHasFollowUps() && isForIncident(store, postId),
        load: () => import(/* webpackChunkName: "followups" */ 'src/capabilities/followups/post_dialog'),
    },
};
