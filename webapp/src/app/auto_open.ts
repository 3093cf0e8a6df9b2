import {currentChannelId, currentTeamId, currentUserId, HostStore, isSidebarOpen} from 'src/host/store';
import {isNarrow} from 'src/host/window';
import {ensureChannels, isIncidentChannel, loadChannels, setUser, subscribeChannels} from 'src/store/my_incidents';
import {taskForms} from 'src/store/task_forms';
import {askForList, isPluginSidebarOpen, pluginState} from 'src/state/reducer';

/**
 * Follows the current team and channel: asks which channels are the user's incidents when the team changes, and opens the
 * sidebar when an incident's channel is entered. It opens once per entering, never over another sidebar, and never on
 * narrow screens, where it would cover the channel. On a change of team the host still has the former team's channel for a
 * moment; it is not entered by that. Returns the end of that.
 */
export function followChannel(store: HostStore, openSidebar: () => void): () => void {
    let team = '';
    let channel = '';
    let recognised = false;

    const check = () => {
        const state = store.getState();
        const nowTeam = currentTeamId(state);
        const nowChannel = currentChannelId(state);
        if (!nowTeam || !nowChannel) {
            return;
        }
        const entered = nowChannel !== channel;
        const switched = nowTeam !== team;
        if (!entered && !switched && recognised) {
            return;
        }
        const isNew = entered || !recognised;
        channel = nowChannel;
        team = nowTeam;
        recognised = isIncidentChannel(channel);
        if (switched) {
            setUser(currentUserId(state));
            taskForms.restore(currentUserId(state));
            void loadChannels(team);
        } else if (entered) {
            ensureChannels(team);
        }
        if (entered && pluginState(state).listAskedIn) {
            store.dispatch(askForList(''));
        }
        if (recognised && isNew && !isPluginSidebarOpen(state) && !isSidebarOpen(state) && !isNarrow()) {
            openSidebar();
        }
    };

    const ends = [store.subscribe(check), subscribeChannels(check)];
    check();
    return () => ends.forEach((end) => end());
}
