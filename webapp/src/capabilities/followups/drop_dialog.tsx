import React, {FormEvent, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {storedIn} from 'src/capabilities/followups/client';
import {change} from 'src/capabilities/followups/store';
import {FollowUp, LIMITS} from 'src/capabilities/followups/types';
import {isText, useKeptInput} from 'src/incident/kept_input';
import {useAction} from 'src/query/use_action';
import {Button, CancelButton} from 'src/ui/button';
import {TextArea} from 'src/ui/field';
import {useDomId} from 'src/ui/ids';
import {announce} from 'src/ui/live_region';
import {Modal} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';

/** Asks why a follow-up will not be done. */
export function DropDialog({item, onClose}: {item: FollowUp; onClose: () => void}) {
    const {formatMessage} = useIntl();
    const formId = useDomId('followup-drop');
    const {kept: reason = '', keep} = useKeptInput(`followup-drop:${item.id}`, isText);
    const [tried, setTried] = useState(false);
    const {run, busy, error} = useAction(() => change(item, {state: 'dropped', reason: reason.trim()}));
    const stored = storedIn(error);
    const close = () => {
        keep(undefined);
        onClose();
    };
    const submit = async (event: FormEvent) => {
        event.preventDefault();
        setTried(true);
        if (reason.trim() && await run()) {
            announce(formatMessage({id: 'followups.said_dropped', defaultMessage: '“{title}” was dropped.'}, {title: item.title}));
            close();
        }
    };
    return (
        <Modal
            id='followupDropModal'
            title={(
                <FormattedMessage
                    id='followups.drop_title'
                    defaultMessage='Drop “{title}”'
                    values={{title: <bdi key='title'>{item.title}</bdi>}}
                />
            )}
            onClose={close}
            busy={busy}
            footer={(
                <>
                    <CancelButton
                        locked={busy}
                        onClick={close}
                    />
                    <Button
                        kind='primary'
                        type='submit'
                        form={formId}
                        busy={busy}
                    >
                        <FormattedMessage
                            id='followups.drop'
                            defaultMessage='Drop'
                        />
                    </Button>
                </>
            )}
        >
            <form
                id={formId}
                noValidate={true}
                onSubmit={(event) => void submit(event)}
            >
                <TextArea
                    label={formatMessage({id: 'followups.reason', defaultMessage: 'Why will it not be done?'})}
                    value={reason}
                    limit={LIMITS.reason}
                    readOnly={busy}
                    data-autofocus={true}
                    required={true}
                    error={tried && !reason.trim() && formatMessage({id: 'followups.reason_missing', defaultMessage: 'Say why, so that others know later.'})}
                    onChange={(event) => keep(event.target.value || undefined)}
                />
            </form>
            {error && (
                <ErrorNotice error={stored ? undefined : error}>
                    {stored ? (
                        <FormattedMessage
                            id='followups.drop_conflict'
                            defaultMessage='It was not dropped: somebody else has just closed it or opened it again.'
                        />
                    ) : (
                        <FormattedMessage
                            id='followups.drop_failed'
                            defaultMessage='It could not be dropped.'
                        />
                    )}
                </ErrorNotice>
            )}
        </Modal>
    );
}
