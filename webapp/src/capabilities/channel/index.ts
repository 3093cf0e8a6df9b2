import {defineMessage} from 'react-intl';

import {Capability} from 'src/capabilities/capability';
import {channelState, isPossible, justKept} from 'src/capabilities/channel/state';
import {Incident} from 'src/types/incident';

/** While an incident is ongoing, the sidebar has nothing of the time after it. */
const isOfEnded = ({incident}: {incident: Incident}) => !incident.is_active && (channelState(incident, Date.now()) !== undefined || justKept.has(incident.id));

/** What becomes of the channel after the end of an incident, and who is added to it at the start. */
export const channel: Capability = {
    name: 'channel',
    summaryDetails: {
        isShown: isOfEnded,
        load: () => import(/* webpackChunkName: "channel" */ 'src/capabilities/channel/summary'),
    },
    pageDetails: {
        isShown: ({incident}) => channelState(incident, Date.now()) !== undefined || justKept.has(incident.id),
        load: () => import(/* webpackChunkName: "channel" */ 'src/capabilities/channel/page_details'),
    },
    restartDialog: {
        isShown: ({incident}) => !incident.is_active && channelState(incident, Date.now())?.kind === 'archived',
        load: () => import(/* webpackChunkName: "channel" */ 'src/capabilities/channel/restart_dialog'),
    },
    editorTab: {
        key: 'channel',
        title: defineMessage({id: 'channel.title', defaultMessage: 'Channel'}),
        load: () => import(/* webpackChunkName: "channel-editor" */ 'src/capabilities/channel/editor_tab'),
        isValid: ({own}) => isPossible(own.channel),
    },
};
