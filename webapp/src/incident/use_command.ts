import {MessageDescriptor} from 'react-intl';
import {useStore} from 'react-redux';

import {runSlashCommand} from 'src/store/commands';
import {Action} from 'src/query/use_action';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {HostState} from 'src/host/store';

/** A control that works by running a slash command in the current channel; the message says that it failed. */
export function useCommand(command: string, message: MessageDescriptor): Action<[]> {
    const store = useStore<HostState>();
    return useActionWithToast(() => runSlashCommand(store, command), message);
}
