import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {publish} from 'src/capabilities/retrospective/client';
import {openTexts} from 'src/capabilities/retrospective/open_texts';
import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {heldRetrospective, receive} from 'src/capabilities/retrospective/store';
import {takingCurrent} from 'src/capabilities/retrospective/taking_current';
import {Retrospective} from 'src/capabilities/retrospective/types';
import {standardText} from 'src/capabilities/retrospective/words';
import {useObserved} from 'src/query/observable';
import {useAction} from 'src/query/use_action';
import {Incident} from 'src/types/incident';
import {announce} from 'src/ui/live_region';
import {Confirm} from 'src/ui/modal';

interface Props {
    incident: Incident;
    document: Retrospective;
    onClose: () => void;
}

/** Asks before a retrospective is published, and says what will be posted and what is missing. */
export function PublishDialog({incident, document: shown, onClose}: Props) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const [isUnsaved, setUnsaved] = useState(false);
    useObserved(openTexts, () => openTexts.unsaved(incident.id).length);
    const publishing = useAction(async () => {
        const unsaved = openTexts.unsaved(incident.id);
        setUnsaved(unsaved.length > 0);
        if (unsaved.length > 0) {
            openTexts.saveAll();
            return;
        }
        receive(await takingCurrent(publish(incident.id, heldRetrospective(incident.id)?.revision ?? shown.revision)));
        onClose();
        announce(formatMessage({id: 'retrospective.was_published_now', defaultMessage: 'The retrospective was published.'}));
    });
    const headings = (some: Retrospective['sections']) => some.map(({heading}) => standardText(intl, heading)).join(', ');
    const empty = shown.sections.filter(({text}) => !text.trim());
    const generated = shown.sections.filter(({origin, text}) => origin === 'generated' && text.trim());
    return (
        <Confirm
            title={formatMessage({id: 'retrospective.publish_title', defaultMessage: 'Publish the retrospective?'})}
            confirm={formatMessage({id: 'retrospective.publish', defaultMessage: 'Publish'})}
            isCareful={true}
            busy={publishing.busy}
            error={publishing.error}
            failure={formatMessage({id: 'retrospective.publish_failed', defaultMessage: 'The retrospective was not published.'})}
            onConfirm={() => void publishing.run()}
            onCancel={onClose}
        >
            <p>
                {shown.broadcast ? (
                    <FormattedMessage
                        id='retrospective.publish_broadcast'
                        defaultMessage='A short summary with a link is posted in the channel of the incident and in its broadcast channel.'
                    />
                ) : (
                    <FormattedMessage
                        id='retrospective.publish_text'
                        defaultMessage='A short summary with a link is posted in the channel of the incident.'
                    />
                )}
            </p>
            {empty.length > 0 && (
                <p>
                    <FormattedMessage
                        id='retrospective.publish_empty'
                        defaultMessage='Without text: {headings}.'
                        values={{headings: headings(empty)}}
                    />
                </p>
            )}
            {generated.length > 0 && (
                <p>
                    <FormattedMessage
                        id='retrospective.publish_generated'
                        defaultMessage='As they were generated: {headings}.'
                        values={{headings: headings(generated)}}
                    />
                </p>
            )}
            {isUnsaved && (
                <p
                    role='alert'
                    className={styles.overdue}
                >
                    <FormattedMessage
                        id='retrospective.publish_unsaved'
                        defaultMessage='Some of what you have typed is not saved yet. Close the open sections first, then publish.'
                    />
                </p>
            )}
        </Confirm>
    );
}
