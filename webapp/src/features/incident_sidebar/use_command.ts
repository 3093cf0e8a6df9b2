import {useStore} from 'react-redux';

import {runSlashCommand} from 'src/data/commands';
import {Action, useAction} from 'src/data/hooks';
import {HostState} from 'src/host/store';

/** A control that works by running a slash command in the current channel. */
export function useCommand(command: string): Action<[]> {
    const store = useStore<HostState>();
    return useAction(() => runSlashCommand(store, command));
}
