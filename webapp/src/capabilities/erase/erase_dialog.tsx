import React, {FormEvent, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';
import {useHistory} from 'react-router-dom';

import {ChannelChoice, eraseIncident} from 'src/capabilities/erase/client';
import styles from 'src/capabilities/erase/erase.module.css';
import {currentTeamName} from 'src/host/store';
import {useAction} from 'src/query/use_action';
import {emitCapabilityEvent, INCIDENT_DELETED} from 'src/realtime/capability_events';
import {incidentListPath} from 'src/routes';
import {incidentDeleted} from 'src/store/incidents';
import {Incident} from 'src/types/incident';
import {Button, CancelButton} from 'src/ui/button';
import choiceStyles from 'src/ui/choice.module.css';
import {TextField} from 'src/ui/field';
import {announce} from 'src/ui/live_region';
import {Modal} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';

/** Names that look alike are the same: how a letter is composed, and blanks, need not be typed as they were. */
const alike = (name: string) => name.normalize('NFC').replace(/\s+/g, ' ').trim();

interface Props {
    incident: Incident;
    onClose: () => void;
}

/** Asks what becomes of the channel, and for the name of the incident, and deletes the incident. */
export default function EraseDialog({incident, onClose}: Props) {
    const {formatMessage} = useIntl();
    const history = useHistory();
    const team = useSelector(currentTeamName);
    const [channel, setChannel] = useState<ChannelChoice>('archive');
    const [typed, setTyped] = useState('');
    const [isWrong, setWrong] = useState(false);
    const erasing = useAction(async () => {
        await eraseIncident(incident.id, incident.name, channel);

        // First, or the page would say that there is no such incident.
        history.push(incidentListPath(team));
        incidentDeleted(incident);
        emitCapabilityEvent(INCIDENT_DELETED, {id: incident.id});
        announce(formatMessage({id: 'erase.done', defaultMessage: 'The incident {name} is deleted.'}, {name: incident.name}));
    });
    const submit = (event?: FormEvent) => {
        event?.preventDefault();
        const isNamed = alike(typed) === alike(incident.name);
        setWrong(!isNamed);
        if (isNamed) {
            void erasing.run();
        }
    };
    const choice = (value: ChannelChoice, text: string) => (
        <label className={styles.choice}>
            <input
                type='radio'
                className={choiceStyles.radio}
                name='erase-channel'
                value={value}
                checked={channel === value}
                disabled={erasing.busy}
                onChange={() => setChannel(value)}
            />
            {text}
        </label>
    );
    return (
        <Modal
            id='eraseModal'
            title={(
                <FormattedMessage
                    id='erase.title'
                    defaultMessage='Delete this incident for good?'
                />
            )}
            onClose={onClose}
            busy={erasing.busy}
            footer={(
                <>
                    <CancelButton
                        locked={erasing.busy}
                        onClick={onClose}
                    />
                    <Button
                        kind='danger'
                        busy={erasing.busy}
                        onClick={() => submit()}
                    >
                        <FormattedMessage
                            id='erase.confirm'
                            defaultMessage='Delete Incident for Good'
                        />
                    </Button>
                </>
            )}
        >
            <p className={styles.text}>
                <FormattedMessage
                    id='erase.text'
                    defaultMessage='“{name}” is deleted with its tasks, history, timeline, status updates, retrospective and follow-ups. This cannot be undone. Messages in Mattermost stay.'
                    values={{name: <bdi key='name'>{incident.name}</bdi>}}
                />
            </p>
            <form onSubmit={submit}>
                <fieldset className={styles.channel}>
                    <legend>
                        <FormattedMessage
                            id='erase.channel'
                            defaultMessage='The channel of the incident'
                        />
                    </legend>
                    {choice('archive', formatMessage({id: 'erase.archive', defaultMessage: 'Archive it'}))}
                    {choice('leave', formatMessage({id: 'erase.leave', defaultMessage: 'Leave it as it is'}))}
                </fieldset>
                <TextField
                    label={formatMessage({id: 'erase.name', defaultMessage: 'Type the name of the incident'})}
                    value={typed}
                    error={isWrong && formatMessage({id: 'erase.wrong_name', defaultMessage: 'This is not the name of the incident.'})}
                    readOnly={erasing.busy}
                    autoComplete='off'
                    data-autofocus={true}
                    onChange={({target}) => {
                        setTyped(target.value);
                        setWrong(false);
                    }}
                />
            </form>
            {erasing.error && (
                <ErrorNotice error={erasing.error}>
                    <FormattedMessage
                        id='erase.failed'
                        defaultMessage='The incident could not be deleted.'
                    />
                </ErrorNotice>
            )}
        </Modal>
    );
}
