import AccountPlus from '@mattermost/compass-icons/components/account-plus-outline';
import React, {useMemo, useState} from 'react';
import {defineMessages, FormattedMessage, useIntl} from 'react-intl';

import {setCommander} from 'src/store/incident_changes';
import {peopleOf} from 'src/store/members';
import {InviteModal} from 'src/features/incident_sidebar/invite_modal';
import {RecentUpdate} from 'src/features/incident_sidebar/recent_update';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {StageBlock} from 'src/features/incident_sidebar/stage_block';
import {useCommand} from 'src/features/incident_sidebar/use_command';
import {useActionWithToast} from 'src/features/incident_sidebar/use_action_with_toast';
import {UserSelector} from 'src/people/user_selector';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {Text} from 'src/people/text';
import {ErrorNotice} from 'src/ui/notice';
import {Duration} from 'src/ui/time';

const FAILED = defineMessages({
    commander: {id: 'summary.commander_failed', defaultMessage: 'The commander could not be changed.'},
    update: {id: 'summary.update_failed', defaultMessage: 'The status update could not be opened.'},
});

function Commander({incident}: {incident: Incident}) {
    const {formatMessage} = useIntl();
    const {team_id: teamId, channel_id: channelId, commander_user_id: userId} = incident;
    const source = useMemo(() => peopleOf({team_id: teamId, in_channel: channelId}), [teamId, channelId]);
    const {run, error, clear} = useActionWithToast((id: string) => setCommander(incident, id), FAILED.commander, true);
    return (
        <section>
            <h3 className={styles.heading}>
                <FormattedMessage
                    id='summary.commander'
                    defaultMessage='Commander'
                />
            </h3>
            <UserSelector
                className={styles.flushSelector}
                label={formatMessage({id: 'summary.choose_commander', defaultMessage: 'Change the commander'})}
                userId={userId}
                source={source}
                nobody={formatMessage({id: 'summary.no_commander', defaultMessage: 'Choose a commander'})}
                selfNote={formatMessage({id: 'summary.self', defaultMessage: '(makes you the commander)'})}
                onChoose={(user) => void run(user.id)}
            />
            {error && (
                <ErrorNotice
                    error={error}
                    onDismiss={clear}
                >
                    <FormattedMessage {...FAILED.commander}/>
                </ErrorNotice>
            )}
        </section>
    );
}

function Members({incident}: {incident: Incident}) {
    const [inviting, setInviting] = useState(false);
    return (
        <section>
            <Button
                kind='quiet'
                className={styles.flushButton}
                data-testid='invite-people'
                onClick={() => setInviting(true)}
            >
                <Icon
                    of={AccountPlus}
                    size={18}
                />
                <FormattedMessage
                    id='summary.invite'
                    defaultMessage='Invite people'
                />
            </Button>
            {inviting && (
                <InviteModal
                    incident={incident}
                    onClose={() => setInviting(false)}
                />
            )}
        </section>
    );
}

/** Who leads the incident, how long it runs, where it stands. */
export function SummaryTab({incident}: {incident: Incident}) {
    const update = useCommand('/incident update', FAILED.update);
    const description = incident.description.trim();
    return (
        <>
            <div className={`scrollbar--view ${styles.scroll}`}>
                <div className={styles.content}>
                    <div className={styles.pair}>
                        <Commander incident={incident}/>
                        <section>
                            <h3 className={styles.heading}>
                                <FormattedMessage
                                    id='summary.duration'
                                    defaultMessage='Duration'
                                />
                            </h3>
                            <span
                                className={styles.duration}
                                data-testid='incident-duration'
                            >
                                <Duration
                                    from={incident.create_at}
                                    to={incident.end_at}
                                />
                            </span>
                        </section>
                    </div>
                    {description && (
                        <section data-testid='incident-description'>
                            <h3 className={styles.heading}>
                                <FormattedMessage
                                    id='summary.description'
                                    defaultMessage='Description'
                                />
                            </h3>
                            <Text text={description}/>
                        </section>
                    )}
                    <StageBlock incident={incident}/>
                    <RecentUpdate
                        incident={incident}
                        onUpdate={() => void update.run()}
                    />
                    <Members incident={incident}/>
                </div>
            </div>
            <div
                id='incidentRHSFooter'
                className={styles.footer}
            >
                {update.error && (
                    <ErrorNotice error={update.error}>
                        <FormattedMessage {...FAILED.update}/>
                    </ErrorNotice>
                )}
                <Button
                    className={styles.footerButton}
                    busy={update.busy}
                    disabled={!incident.is_active}
                    aria-describedby={incident.is_active ? undefined : 'incident-update-reason'}
                    onClick={() => void update.run()}
                >
                    <FormattedMessage
                        id='summary.update'
                        defaultMessage='Update Status'
                    />
                </Button>
                {!incident.is_active && (
                    <p
                        id='incident-update-reason'
                        className={styles.footerNote}
                    >
                        <FormattedMessage
                            id='summary.update_ended'
                            defaultMessage='The incident has ended. Restart it to post a status update.'
                        />
                    </p>
                )}
            </div>
        </>
    );
}
