import React, {useMemo} from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {giveRole} from 'src/capabilities/roles/changes';
import {PendingHandoff} from 'src/capabilities/roles/handoff';
import styles from 'src/capabilities/roles/roles.module.css';
import {useShortTime} from 'src/capabilities/roles/short_time';
import {SidebarSection} from 'src/incident/sidebar_parts';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {Person} from 'src/people/person';
import {UserSelector} from 'src/people/user_selector';
import {peopleOf, PeopleSource} from 'src/store/members';
import {Incident} from 'src/types/incident';
import {IncidentRole} from 'src/types/roles';
import {ErrorNotice} from 'src/ui/notice';

const FAILED = defineMessage({id: 'roles.give_failed', defaultMessage: 'The role could not be given.'});

interface RowProps {
    incident: Incident;
    role: IncidentRole;
    source: PeopleSource;
}

function RoleRow({incident, role, source}: RowProps) {
    const {formatMessage} = useIntl();
    const shortTime = useShortTime();
    const {name, description, holder_id: holder, since, missing_id: missing} = role;
    const {run, error, clear} = useActionWithToast((userId: string) => giveRole(incident, role.key, userId), FAILED, true);
    const nobody = formatMessage({id: 'roles.nobody_yet', defaultMessage: 'Nobody yet'});
    return (
        <li data-testid='role'>
            <div className={styles.role}>
                <div
                    dir='auto'
                    className={styles.name}
                >
                    {name}
                </div>
                {description && (
                    <div
                        dir='auto'
                        className={styles.description}
                    >
                        {description}
                    </div>
                )}
                <div className={styles.who}>
                    <UserSelector
                        className={styles.selector}
                        label={formatMessage({id: 'roles.choose', defaultMessage: '{role}: choose who has it'}, {role: name})}
                        userId={holder}
                        source={source}
                        nobody={nobody}
                        selfNote={formatMessage({id: 'roles.self', defaultMessage: '(gives you the role)'})}
                        reset={{
                            text: formatMessage({id: 'roles.reset', defaultMessage: 'Nobody'}),
                            onReset: () => void run(''),
                        }}
                        onChoose={({id}) => void run(id)}
                    />
                    {!holder && missing && (
                        <span className={styles.since}>
                            <FormattedMessage
                                id='roles.missing'
                                defaultMessage='Meant for {person}, who could not be added to the channel.'
                                values={{
                                    person: (
                                        <Person
                                            key='person'
                                            userId={missing}
                                            size={16}
                                        />
                                    ),
                                }}
                            />
                        </span>
                    )}
                    {holder && since > 0 && (
                        <time
                            className={styles.since}
                            dateTime={new Date(since).toISOString()}
                        >
                            {formatMessage({id: 'roles.since', defaultMessage: 'since {time}'}, {time: shortTime(since)})}
                        </time>
                    )}
                </div>
            </div>
            {error && (
                <ErrorNotice
                    error={error}
                    onDismiss={clear}
                >
                    <FormattedMessage {...FAILED}/>
                </ErrorNotice>
            )}
        </li>
    );
}

/** The offer of command that is pending, unless the user is its receiver, and the roles with who has them. Nothing for an incident without either. */
export default function BelowCommander({incident}: IncidentProps) {
    const {team_id: teamId, channel_id: channelId, roles} = incident;
    const source = useMemo(() => peopleOf({team_id: teamId, in_channel: channelId}), [teamId, channelId]);
    return (
        <>
            <PendingHandoff
                incident={incident}
                isForReceiver={false}
            />
            {roles && roles.roles.length > 0 && (
                <SidebarSection
                    data-testid='sidebar-roles'
                    title={(
                        <FormattedMessage
                            id='roles.title'
                            defaultMessage='Roles'
                        />
                    )}
                >
                    <ul className={styles.roles}>
                        {roles.roles.map((role) => (
                            <RoleRow
                                key={role.key}
                                {...{incident, role, source}}
                            />
                        ))}
                    </ul>
                </SidebarSection>
            )}
        </>
    );
}
