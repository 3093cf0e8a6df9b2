import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {EditorTabProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/channel/channel.module.css';
import {InvitedGroups, InvitedPeople} from 'src/capabilities/channel/invitations';
import {isPossible} from 'src/capabilities/channel/state';
import {CHANNEL_LIMITS, Invitations, PlaybookChannel} from 'src/types/channel';
import {TextField} from 'src/ui/field';

const NOBODY: Invitations = {user_ids: [], group_ids: []};

/** How the archiving is saved that is typed; 0 and nothing are never. What is no number of days is refused when the playbook is saved. */
function channelOf(typed: string): PlaybookChannel | undefined {
    const days = Number(typed);
    return days === 0 ? undefined : {archive_after_days: days};
}

const daysIn = (channel: PlaybookChannel | undefined) => channel?.archive_after_days ?? 0;

function ArchiveDays({channel, onChange}: {channel?: PlaybookChannel; onChange: (channel: PlaybookChannel | undefined) => void}) {
    const {formatMessage} = useIntl();
    const [typed, setTyped] = useState('');

    // What was typed is shown as it is, such as with a zero in front, until the draft has another number.
    const days = daysIn(channel);
    const shown = daysIn(channelOf(typed)) === days ? typed : String(days);
    return (
        <TextField
            label={formatMessage({id: 'channel.days', defaultMessage: 'Archive the channel so many days after the end (empty: never)'})}
            type='number'
            className={styles.days}
            min={1}
            max={CHANNEL_LIMITS.days}
            step={1}
            value={shown}
            error={!isPossible(channel) && formatMessage({id: 'channel.days_wrong', defaultMessage: 'Give a whole number from 1 to {most}, or nothing.'}, {most: CHANNEL_LIMITS.days})}
            onChange={({target}) => {
                setTyped(target.value);
                onChange(channelOf(target.value));
            }}
        />
    );
}

/** What becomes of the channel of an incident after the end, and who is added to it at the start. */
export default function ChannelTab({teamId, draft, dispatch}: EditorTabProps) {
    const {channel, invitations = NOBODY} = draft.own;
    const invite = (change: (invitations: Invitations) => Partial<Invitations>) => dispatch({
        type: 'set_own',
        values: ({invitations: now = NOBODY}) => {
            const next = {...now, ...change(now)};
            return {invitations: next.user_ids.length + next.group_ids.length > 0 ? next : undefined};
        },
    });
    return (
        <div className={styles.form}>
            <fieldset className={styles.group}>
                <legend>
                    <FormattedMessage
                        id='channel.start'
                        defaultMessage='At the start'
                    />
                </legend>
                <p className={styles.hint}>
                    <FormattedMessage
                        id='channel.invite_text'
                        defaultMessage='These people, and the members of these groups, are added to the channel if the person who starts the incident may add them. The bot names those who could not be added.'
                    />
                </p>
                <InvitedPeople
                    teamId={teamId}
                    invitations={invitations}
                    onChange={invite}
                />
                <InvitedGroups
                    invitations={invitations}
                    onChange={invite}
                />
            </fieldset>
            <fieldset className={styles.group}>
                <legend>
                    <FormattedMessage
                        id='channel.end'
                        defaultMessage='After the end'
                    />
                </legend>
                <ArchiveDays
                    channel={channel}
                    onChange={(value) => dispatch({type: 'set_own', values: {channel: value}})}
                />
                <p className={styles.hint}>
                    <FormattedMessage
                        id='channel.archive_text'
                        defaultMessage='The channel is told before, and everybody who may change the incident can keep it. A restart of the incident brings the channel back. Channels that were there before the incident stay.'
                    />
                </p>
            </fieldset>
        </div>
    );
}
