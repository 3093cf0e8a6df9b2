import AccountPlus from '@mattermost/compass-icons/components/account-plus-outline';
import React, {useMemo, useState} from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {capabilities} from 'src/capabilities/all';
import {CommanderAction} from 'src/capabilities/capability';
import {setCommander} from 'src/store/incident_changes';
import {peopleOf} from 'src/store/members';
import {InviteModal} from 'src/features/incident_sidebar/invite_modal';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {StageBlock} from 'src/features/incident_sidebar/stage_block';
import {currentUserId} from 'src/host/store';
import {SidebarSection} from 'src/incident/sidebar_parts';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {useIsAdministrator} from 'src/incident/use_may_change';
import {Text} from 'src/people/text';
import {UserSelector} from 'src/people/user_selector';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {GuardedPart, LazyPart, preload} from 'src/ui/lazy_page';
import {ErrorNotice} from 'src/ui/notice';
import {OptionalParts} from 'src/ui/optional_parts';
import {Duration} from 'src/ui/time';

const COMMANDER_FAILED = defineMessage({id: 'summary.commander_failed', defaultMessage: 'The commander could not be changed.'});

const details = capabilities.flatMap(({summaryDetails}) => summaryDetails ?? []);
const commanderActions = capabilities.flatMap(({commanderAction}) => commanderAction ?? []);
const sections = capabilities.flatMap(({name, summarySection: load}) => (load ? {name, load} : []));
const footers = capabilities.flatMap(({name, summaryFooter: load}) => (load ? {name, load} : []));
preload([...sections, ...footers].map(({load}) => load));

function Commander({incident}: {incident: Incident}) {
    const {formatMessage} = useIntl();
    const {team_id: teamId, channel_id: channelId, commander_user_id: userId} = incident;
    const source = useMemo(() => peopleOf({team_id: teamId, in_channel: channelId}), [teamId, channelId]);
    const {run, error, clear} = useActionWithToast((id: string) => setCommander(incident, id), COMMANDER_FAILED, true);
    const user = {id: useSelector(currentUserId), isAdministrator: useIsAdministrator()};
    const offered = commanderActions.find(({isOffered}) => isOffered(incident, user));
    const [opened, setOpened] = useState<CommanderAction>();
    return (
        <SidebarSection
            title={(
                <FormattedMessage
                    id='summary.commander'
                    defaultMessage='Commander'
                />
            )}
        >
            <UserSelector
                className={styles.flushSelector}
                label={formatMessage({id: 'summary.choose_commander', defaultMessage: 'Change the commander'})}
                userId={userId}
                source={source}
                nobody={formatMessage({id: 'summary.no_commander', defaultMessage: 'Choose a commander'})}
                selfNote={formatMessage({id: 'summary.self', defaultMessage: '(makes you the commander)'})}
                action={offered && {text: formatMessage(offered.text), onAct: () => setOpened(offered)}}
                onChoose={({id}) => void run(id)}
            />
            {error && (
                <ErrorNotice
                    error={error}
                    onDismiss={clear}
                >
                    <FormattedMessage {...COMMANDER_FAILED}/>
                </ErrorNotice>
            )}
            {opened && (
                <LazyPart
                    load={opened.load}
                    props={{incident, onClose: () => setOpened(undefined)}}
                />
            )}
        </SidebarSection>
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
                    defaultMessage='Invite People'
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
    const description = incident.description.trim();
    return (
        <>
            <div className={`scrollbar--view ${styles.scroll}`}>
                <div className={styles.content}>
                    <div className={styles.pair}>
                        <Commander incident={incident}/>
                        <SidebarSection
                            title={(
                                <FormattedMessage
                                    id='summary.duration'
                                    defaultMessage='Duration'
                                />
                            )}
                        >
                            <span
                                className={styles.duration}
                                data-testid='incident-duration'
                            >
                                <Duration
                                    from={incident.create_at}
                                    to={incident.end_at}
                                />
                            </span>
                        </SidebarSection>
                    </div>
                    <OptionalParts
                        parts={details}
                        props={{incident}}
                    />
                    {description && (
                        <SidebarSection
                            data-testid='incident-description'
                            title={(
                                <FormattedMessage
                                    id='summary.description'
                                    defaultMessage='Description'
                                />
                            )}
                        >
                            <Text text={description}/>
                        </SidebarSection>
                    )}
                    <StageBlock incident={incident}/>
                    {sections.map(({name, load}) => (
                        <GuardedPart
                            key={name}
                            load={load}
                            props={{incident}}
                        />
                    ))}
                    <Members incident={incident}/>
                </div>
            </div>
            {footers.map(({name, load}) => (
                <GuardedPart
                    key={name}
                    load={load}
                    props={{incident}}
                />
            ))}
        </>
    );
}
