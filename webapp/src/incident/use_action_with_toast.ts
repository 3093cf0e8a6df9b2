import {MessageDescriptor, useIntl} from 'react-intl';

import {Action, useAction} from 'src/query/use_action';
import {causeOf} from 'src/ui/notice';
import {showToast} from 'src/ui/toast';

/**
 * An action whose failure is shown beside its control, or, with this message, on its own when the control has left the
 * screen before the answer: the user may be in another tab or channel by then.
 */
export function useActionWithToast<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>, message: MessageDescriptor, isRepeatable = false): Action<Args> {
    const intl = useIntl();
    return useAction(act, {
        isRepeatable,
        onUnmountedError: (error) => showToast(`${intl.formatMessage(message)} ${causeOf(intl, error)}`),
    });
}
