import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {PostDialogProps} from 'src/capabilities/capability';
import {AddDialog} from 'src/capabilities/followups/edit_dialog';
import styles from 'src/capabilities/followups/followups.module.css';
import {draftOfMessage} from 'src/capabilities/followups/from_message';
import {ChooseIncident, isConfined, NoChoice, useIncidentForPost} from 'src/incident/choose_incident';
import {CancelButton} from 'src/ui/button';
import {Modal} from 'src/ui/modal';
import {showNews} from 'src/ui/toast';

/** Makes a follow-up of a message. Its text is in the form, so the user sees and decides what those who may see the incident will read. */
export default function PostDialog({postId, onClose}: PostDialogProps) {
    const {formatMessage} = useIntl();
    const choice = useIncidentForPost(postId);
    const {post, channel, chosen} = choice;
    const title = formatMessage({id: 'followups.post_menu', defaultMessage: 'Create follow-up'});
    if (!post || !chosen) {
        return (
            <Modal
                title={title}
                onClose={onClose}
                footer={<CancelButton onClick={onClose}/>}
            >
                <NoChoice choice={choice}/>
            </Modal>
        );
    }
    return (
        <AddDialog
            title={title}
            incidentId={chosen.id}
            teamId={chosen.teamId}
            channelId={chosen.channelId}
            draft={draftOfMessage(post.message)}
            postId={postId}
            onAdded={() => showNews(formatMessage({id: 'followups.message_added', defaultMessage: 'The follow-up was added to “{name}”.'}, {name: chosen.name}))}
            onClose={onClose}
        >
            <ChooseIncident
                choice={choice}
                isLocked={false}
            />
            {chosen.channelId !== post.channel_id && isConfined(channel) && (
                <p
                    className={styles.muted}
                    data-testid='followup-disclosure'
                >
                    <FormattedMessage
                        id='followups.disclosure'
                        defaultMessage='Not everybody who may see this incident can read the message. They will read what you write here.'
                    />
                </p>
            )}
        </AddDialog>
    );
}
