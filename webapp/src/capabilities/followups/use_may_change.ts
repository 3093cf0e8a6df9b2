import {useSelector} from 'react-redux';

import {currentUserId, HostState, userById} from 'src/host/store';
import {useIsIncidentChannel} from 'src/store/my_incidents';
import {Incident} from 'src/types/incident';

const ADMINISTRATOR = 'system_admin';

/** Whether the user may change an incident: its members may, and administrators. */
export function useMayChange({channel_id: channelId}: Incident): boolean {
    const isAdministrator = useSelector((state: HostState) => userById(state, currentUserId(state))?.roles?.split(' ').includes(ADMINISTRATOR) ?? false);
    return useIsIncidentChannel(channelId) || isAdministrator;
}
