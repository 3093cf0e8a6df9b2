import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {EditorTabProps} from 'src/capabilities/capability';
import {ChannelSelect} from 'src/capabilities/status/channel_select';
import styles from 'src/capabilities/status/preferences_tab.module.css';
import {LIMITS} from 'src/types/limits';
import {TextArea} from 'src/ui/field';
import {useDomId} from 'src/ui/ids';
import {formatDuration} from 'src/ui/time';

const TIMERS: Array<[number, string]> = [[900, '15min'], [1800, '30min'], [3600, '60min'], [14400, '4hr'], [86400, '24hr']];

/** Where updates go, and with which text and reminder they start. */
export default function PreferencesTab({draft, teamId, dispatch}: EditorTabProps) {
    const intl = useIntl();
    const timerId = useDomId('timer');
    const seconds = draft.reminderSeconds;
    return (
        <div className={styles.preferences}>
            <div>
                <span
                    id='im-broadcast-label'
                    className={styles.label}
                >
                    <FormattedMessage
                        id='editor.broadcast'
                        defaultMessage='Broadcast channel'
                    />
                </span>
                <p className={styles.hint}>
                    <FormattedMessage
                        id='editor.broadcast_text'
                        defaultMessage='Every status update is also posted there.'
                    />
                </p>
                <ChannelSelect
                    teamId={teamId}
                    channelId={draft.broadcastChannelId}
                    onChoose={(broadcastChannelId) => dispatch({type: 'set', values: {broadcastChannelId}})}
                />
            </div>
            <div>
                <label
                    htmlFor={timerId}
                    className={styles.label}
                >
                    <FormattedMessage
                        id='editor.timer'
                        defaultMessage='Default time until the commander is reminded of an update'
                    />
                </label>
                <select
                    id={timerId}
                    className={styles.nativeSelect}
                    value={seconds}
                    onChange={(event) => dispatch({type: 'set', values: {reminderSeconds: Number(event.target.value)}})}
                >
                    <option value={0}>{intl.formatMessage({id: 'editor.no_timer', defaultMessage: 'No reminder'})}</option>
                    {TIMERS.map(([value, text]) => (
                        <option
                            key={value}
                            value={value}
                        >
                            {text}
                        </option>
                    ))}
                    {seconds > 0 && !TIMERS.some(([value]) => value === seconds) && <option value={seconds}>{formatDuration(intl, seconds * 1000)}</option>}
                </select>
            </div>
            <TextArea
                label={intl.formatMessage({id: 'editor.template', defaultMessage: 'Template for status updates'})}
                rows={6}
                limit={LIMITS.message}
                value={draft.reminderTemplate}
                onChange={(event) => dispatch({type: 'set', values: {reminderTemplate: event.target.value}})}
            />
        </div>
    );
}
