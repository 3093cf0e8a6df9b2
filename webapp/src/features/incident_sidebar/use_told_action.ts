import {MessageDescriptor, useIntl} from 'react-intl';

import {Action, useAction} from 'src/data/hooks';
import {showToast} from 'src/ui/toast';

/**
 * An action whose failure is shown beside its control, or, with this message, on its own when the control has left the
 * screen before the answer: the user may be in another tab or channel by then.
 */
export function useToldAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>, message: MessageDescriptor, isRepeatable = false): Action<Args> {
    const {formatMessage} = useIntl();
    return useAction(act, {
        isRepeatable,
        whenGone: ({details}) => showToast([formatMessage(message), details].filter(Boolean).join(' ')),
    });
}
