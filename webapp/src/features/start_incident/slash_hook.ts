import {IntlShape} from 'react-intl';

import {claimStart} from 'src/store/commands';
import {CommandArgs, CommandHookResult} from 'src/host/registry';
import {currentChannelId, HostStore, isSidebarSuppressed} from 'src/host/store';
import {askForList, isListAsked, isPluginSidebarOpen} from 'src/state/reducer';

interface Tools {
    store: HostStore;
    intl: () => IntlShape;
    isIncidentChannel: (channelId: string) => boolean;
    openSidebar: () => void;
}

const START = /^\/incident\s+start(?:\s+(.*))?$/is;

/** What follows is ignored, as the server does. */
const INFO = /^\/incident\s+info(?:\s.*)?$/is;

/** What is done with a typed slash command before it is sent; commands of others pass untouched. */
export function slashCommandHook({store, intl, isIncidentChannel, openSidebar}: Tools) {
    return (message: string, args: CommandArgs): CommandHookResult => {
        const typed = message.trim();
        const start = START.exec(typed);
        if (start?.[1]) {
            return {error: {message: intl().formatMessage({
                id: 'start.no_arguments',
                defaultMessage: '/incident start takes nothing after it. The name and description are asked for in the dialog.',
            })}};
        }
        if (start) {
            return {message: `/incident start ${claimStart(store)}`, args};
        }
        if (INFO.test(typed)) {
            const state = store.getState();
            const channelId = currentChannelId(state);
            if (isIncidentChannel(channelId) && !isSidebarSuppressed(state)) {
                if (!isPluginSidebarOpen(state)) {
                    openSidebar();
                    return {};
                }
                if (isListAsked(state, channelId)) {
                    store.dispatch(askForList(''));
                    return {};
                }
            }
            return {message: typed, args};
        }
        return {message, args};
    };
}
