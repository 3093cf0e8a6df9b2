import {MessageDescriptor} from 'react-intl';
import {useStore} from 'react-redux';

import {runSlashCommand} from 'src/data/commands';
import {Action} from 'src/data/hooks';
import {useToldAction} from 'src/features/incident_sidebar/use_told_action';
import {HostState} from 'src/host/store';

/** A control that works by running a slash command in the current channel; the message says that it failed. */
export function useCommand(command: string, message: MessageDescriptor): Action<[]> {
    const store = useStore<HostState>();
    return useToldAction(() => runSlashCommand(store, command), message);
}
