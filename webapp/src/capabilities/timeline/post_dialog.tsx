import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {PostDialogProps} from 'src/capabilities/capability';
import {addEntry} from 'src/capabilities/timeline/client';
import {receiveEntry} from 'src/capabilities/timeline/feed';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Who} from 'src/capabilities/timeline/who';
import {Choice, ChooseIncident, NoChoice, useIncidentForPost} from 'src/incident/choose_incident';
import {Text} from 'src/people/text';
import {useAction} from 'src/query/use_action';
import {newClientId} from 'src/store/commands';
import {Channel} from 'src/types/host_rest';
import {Button, CancelButton} from 'src/ui/button';
import choiceStyles from 'src/ui/choice.module.css';
import {Modal} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';
import {showNews} from 'src/ui/toast';

const DIRECT = 'D';
const GROUP = 'G';
const PRIVATE = 'P';

/** Where a message comes from, if not from the incident itself. */
function Origin({channel}: {channel?: Channel}) {
    if (channel?.type === DIRECT) {
        return (
            <FormattedMessage
                id='incident_timeline.from_direct'
                defaultMessage='It comes from a direct message. What was said between few will be seen by all of them.'
            />
        );
    }
    if (channel?.type === GROUP) {
        return (
            <FormattedMessage
                id='incident_timeline.from_group'
                defaultMessage='It comes from a group message. What was said between few will be seen by all of them.'
            />
        );
    }
    const name = <bdi className={styles.who}>{channel?.display_name ?? '…'}</bdi>;
    return channel?.type === PRIVATE ? (
        <FormattedMessage
            id='incident_timeline.from_private'
            defaultMessage='It comes from the private channel {channel}. The entry names the channel, and those who are not in it will see the message, too.'
            values={{channel: name}}
        />
    ) : (
        <FormattedMessage
            id='incident_timeline.from_channel'
            defaultMessage='It comes from the channel {channel}, which the entry names.'
            values={{channel: name}}
        />
    );
}

/** Adds a message to the timeline of an incident. Says before who will see it. */
export default function PostDialog({postId, onClose}: PostDialogProps) {
    const {formatMessage} = useIntl();
    const choice = useIncidentForPost(postId);
    const {post, channel, chosen} = choice;
    const [starred, setStarred] = useState(false);
    const [key] = useState(newClientId);
    const adding = useAction(async ({id, name}: Choice) => {
        const {entry, isNew} = await addEntry(id, {post_id: postId, starred}, `${key}-${id}`);
        receiveEntry(entry);
        onClose();
        showNews(isNew ?
            formatMessage({id: 'incident_timeline.message_added', defaultMessage: 'The message is on the timeline of “{name}” now.'}, {name}) :
            formatMessage({id: 'incident_timeline.message_there', defaultMessage: 'The message was on the timeline of “{name}” already.'}, {name}));
    });
    return (
        <Modal
            title={formatMessage({id: 'incident_timeline.post_menu', defaultMessage: 'Add to incident timeline'})}
            busy={adding.busy}
            onClose={onClose}
            footer={(
                <>
                    <CancelButton
                        locked={adding.busy}
                        onClick={onClose}
                    />
                    <Button
                        kind='primary'
                        data-autofocus={true}
                        data-testid='timeline-add-message'
                        busy={adding.busy}
                        locked={!chosen || !post}
                        onClick={() => chosen && void adding.run(chosen)}
                    >
                        <FormattedMessage
                            id='incident_timeline.add_message'
                            defaultMessage='Add Message'
                        />
                    </Button>
                </>
            )}
        >
            <NoChoice choice={choice}/>
            {post && chosen && (
                <div className={styles.dialog}>
                    <ChooseIncident
                        choice={choice}
                        isLocked={adding.busy}
                    />
                    <div className={styles.preview}>
                        <div className={styles.previewHead}>
                            <Who userId={post.user_id}/>
                            <span className={styles.note}><DateTime at={post.create_at}/></span>
                        </div>
                        <div className={styles.previewText}><Text text={post.message}/></div>
                    </div>
                    <p data-testid='timeline-disclosure'>
                        <FormattedMessage
                            id='incident_timeline.disclosure'
                            defaultMessage='All who may see this incident will see the message: its text, its author, and names and hashes of its files. It stays on the timeline when the message is edited or deleted.'
                        />
                        {chosen.channelId !== post.channel_id && (
                            <>
                                {' '}
                                <Origin channel={channel}/>
                            </>
                        )}
                    </p>
                    <label className={styles.check}>
                        <input
                            type='checkbox'
                            className={choiceStyles.check}
                            checked={starred}
                            disabled={adding.busy}
                            onChange={(event) => setStarred(event.target.checked)}
                        />
                        <FormattedMessage
                            id='incident_timeline.star'
                            defaultMessage='Key moment'
                        />
                    </label>
                </div>
            )}
            {adding.error && (
                <ErrorNotice error={adding.error}>
                    <FormattedMessage
                        id='incident_timeline.message_failed'
                        defaultMessage='The message could not be added.'
                    />
                </ErrorNotice>
            )}
        </Modal>
    );
}
