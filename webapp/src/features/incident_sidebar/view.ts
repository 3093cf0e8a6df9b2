import {useSelector} from 'react-redux';

import {useIsIncidentChannel} from 'src/store/my_incidents';
import {currentChannelId, currentTeamId, HostState} from 'src/host/store';
import {isListAsked} from 'src/state/reducer';

export interface SidebarView {
    teamId: string;
    channelId: string;

    /** Whether the incident of the current channel is shown; otherwise it is the list. */
    isIncident: boolean;
}

/** What the sidebar shows follows from where the user is; only the way back to the list is remembered. */
export function useSidebarView(): SidebarView {
    const teamId = useSelector(currentTeamId);
    const channelId = useSelector(currentChannelId);
    const isIncidentChannel = useIsIncidentChannel(channelId);
    const wantsList = useSelector((state: HostState) => isListAsked(state, channelId));
    return {teamId, channelId, isIncident: isIncidentChannel && !wantsList};
}
