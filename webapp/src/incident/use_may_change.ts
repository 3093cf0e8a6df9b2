import {useEffect} from 'react';
import {useSelector} from 'react-redux';

import {currentUserId, HostState, userById} from 'src/host/store';
import {ensureChannels, setUser, useIsIncidentChannel} from 'src/store/my_incidents';
import {Incident} from 'src/types/incident';

const ADMINISTRATOR = 'system_admin';

/** Whether the user is a system administrator. */
export const useIsAdministrator = () =>
    useSelector((state: HostState) => userById(state, currentUserId(state))?.roles?.split(' ').includes(ADMINISTRATOR) ?? false);

/** Whether the user may change an incident: its members may, and administrators. */
export function useMayChange({channel_id: channelId, team_id: teamId}: Incident): boolean {
    const me = useSelector((state: HostState) => currentUserId(state));
    useEffect(() => {
        // Where a page was opened directly, nobody has asked yet.
        setUser(me);
        ensureChannels(teamId);
    }, [me, teamId]);
    const isAdministrator = useIsAdministrator();
    return useIsIncidentChannel(channelId) || isAdministrator;
}
