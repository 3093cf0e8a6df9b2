import React, {ReactNode, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {getPlaybook, leavePlaybook} from 'src/client/playbooks';
import {useAction} from 'src/query/use_action';
import {currentUserId} from 'src/host/store';
import {Playbook} from 'src/types/playbook';
import {Confirm} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';

interface Leaving {
    /** Asks whether to leave a playbook of the list. Whether the user is its last member has to be read first. */
    start: (playbook: Playbook) => void;

    /** The question while it stands. */
    dialog: ReactNode;

    /** Why it could not be asked, or was not done. */
    notice: ReactNode;
}

/** Leaving a playbook: it goes from the user's list, and is deleted when nobody would be left. */
export function useLeaving(onLeft: (title: string) => void): Leaving {
    const {formatMessage} = useIntl();
    const me = useSelector(currentUserId);
    const [asked, setAsked] = useState<Playbook>();
    const asking = useAction(async ({id}: Playbook) => setAsked(await getPlaybook(id)));
    const leaving = useAction(async ({id, title}: Playbook) => {
        await leavePlaybook(id);
        setAsked(undefined);
        onLeft(title);
    });
    const isMember = asked?.member_ids.includes(me);
    const isLast = isMember && asked?.member_ids.length === 1;
    const failure = formatMessage({id: 'playbooks.leave_failed', defaultMessage: 'You could not leave the playbook.'});
    return {
        start: (playbook) => {
            leaving.clear();
            void asking.run(playbook);
        },
        notice: (asking.error || (asked && !isMember)) && (
            <ErrorNotice
                error={asking.error}
                onDismiss={() => {
                    asking.clear();
                    setAsked(undefined);
                }}
            >
                {asking.error ? failure : (
                    <FormattedMessage
                        id='playbooks.leave_no_member'
                        defaultMessage='You are not a member of “{title}”.'
                        values={{title: <bdi key='title'>{asked?.title}</bdi>}}
                    />
                )}
            </ErrorNotice>
        ),
        dialog: asked && isMember && (
            <Confirm
                title={formatMessage({id: 'playbooks.leave_title', defaultMessage: 'Leave this playbook?'})}
                confirm={isLast ?
                    formatMessage({id: 'playbooks.leave_delete', defaultMessage: 'Leave and Delete'}) :
                    formatMessage({id: 'playbooks.leave_confirm', defaultMessage: 'Leave Playbook'})}
                isDangerous={true}
                busy={leaving.busy}
                error={leaving.error}
                failure={failure}
                onConfirm={() => void leaving.run(asked)}
                onCancel={() => setAsked(undefined)}
            >
                {isLast ? (
                    <FormattedMessage
                        id='playbooks.leave_last'
                        defaultMessage='You are the only member of “{title}”. If you leave, it is deleted, since nobody could open it any more.'
                        values={{title: <bdi key='title'>{asked.title}</bdi>}}
                    />
                ) : (
                    <FormattedMessage
                        id='playbooks.leave_text'
                        defaultMessage='You will no longer see or use “{title}”. Another member has to add you if you want it back.'
                        values={{title: <bdi key='title'>{asked.title}</bdi>}}
                    />
                )}
            </Confirm>
        ),
    };
}
