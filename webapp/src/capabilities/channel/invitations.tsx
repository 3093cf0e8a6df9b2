import React, {ReactNode, useCallback, useMemo} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import styles from 'src/capabilities/channel/channel.module.css';
import {ChosenList} from 'src/capabilities/channel/chosen_list';
import {Group, listGroups, searchGroups} from 'src/capabilities/channel/client';
import {HostState} from 'src/host/store';
import {Person, PersonOption} from 'src/people/person';
import {useQuery} from 'src/query/client';
import {peopleOf} from 'src/store/members';
import {useFoundUser} from 'src/store/users';
import {CHANNEL_LIMITS, Invitations} from 'src/types/channel';
import {User} from 'src/types/host_rest';
import {ListAdder} from 'src/ui/list_adder';
import {ErrorNotice} from 'src/ui/notice';

const without = (ids: string[], id: string) => ids.filter((one) => one !== id);
const withOne = (ids: string[], id: string, most: number) => (ids.includes(id) ? ids : [...ids, id].slice(0, most));

interface Props {
    teamId: string;
    invitations: Invitations;

    /** Gets what the invitations are to be, from what they are then. */
    onChange: (change: (now: Invitations) => Partial<Invitations>) => void;
}

function InvitedPerson({userId}: {userId: string}) {
    const user = useFoundUser(userId);
    if (user === null) {
        return (
            <>
                <FormattedMessage
                    id='channel.unknown_person'
                    defaultMessage='Unknown person'
                />
                <span className={styles.muted}>{userId}</span>
            </>
        );
    }
    return (
        <>
            <Person userId={userId}/>
            {Boolean(user?.delete_at) && (
                <span className={styles.muted}>
                    <FormattedMessage
                        id='channel.deactivated'
                        defaultMessage='deactivated'
                    />
                </span>
            )}
        </>
    );
}

function Full({isFull, children}: {isFull: boolean; children: ReactNode}) {
    return <div role='status'>{isFull && <p className={styles.hint}>{children}</p>}</div>;
}

/** The people of a playbook who are added to the channel when an incident starts. */
export function InvitedPeople({teamId, invitations: {user_ids: ids}, onChange}: Props) {
    const {formatMessage} = useIntl();
    const source = useMemo(() => peopleOf({team_id: teamId}), [teamId]);
    const load = useCallback(async (page: number, signal: AbortSignal) => {
        const {users, hasMore} = await source.load(page, signal);
        return {options: users, hasMore};
    }, [source]);
    const isOffered = useCallback(({id, is_bot: isBot}: User) => !isBot && !ids.includes(id), [ids]);
    const isFull = ids.length >= CHANNEL_LIMITS.people;
    return (
        <>
            {ids.length > 0 && (
                <ChosenList
                    label={formatMessage({id: 'channel.people', defaultMessage: 'Invited people'})}
                    ids={ids}
                    render={(id) => <InvitedPerson userId={id}/>}
                    onRemove={(id) => onChange((now) => ({user_ids: without(now.user_ids, id)}))}
                />
            )}
            <ListAdder<User>
                label={formatMessage({id: 'channel.add_person', defaultMessage: 'Add a Person'})}
                load={load}
                search={(term, signal) => source.search(term, signal)}
                keyOf={({id}) => id}
                render={(user) => <PersonOption user={user}/>}
                isOffered={isOffered}
                disabled={isFull}
                onAdd={({id}) => onChange((now) => ({user_ids: withOne(now.user_ids, id, CHANNEL_LIMITS.people)}))}
            />
            <Full isFull={isFull}>
                <FormattedMessage
                    id='channel.most_people'
                    defaultMessage='A playbook invites at most {count} people.'
                    values={{count: CHANNEL_LIMITS.people}}
                />
            </Full>
        </>
    );
}

/** Servers without a license have no groups, and answer the question for them with an error. */
const isLicensed = ({entities}: HostState) => entities.general.license.IsLicensed === 'true';

function GroupName({group}: {group: Group}) {
    return (
        <>
            <bdi>{group.display_name}</bdi>
            {group.name && <bdi className={styles.muted}>{`@${group.name}`}</bdi>}
        </>
    );
}

/** The groups of a playbook whose members are added. Nothing where the server has no groups and none is chosen. */
export function InvitedGroups({invitations: {group_ids: ids}, onChange}: Omit<Props, 'teamId'>) {
    const {formatMessage} = useIntl();
    const mayHaveGroups = useSelector(isLicensed);
    const {data, error, reload} = useQuery<Group[] | null>(['groups'], listGroups, {enabled: mayHaveGroups});
    const groups = mayHaveGroups ? data : null;
    const load = useCallback(async () => ({options: groups ?? [], hasMore: false}), [groups]);
    const isOffered = useCallback(({id}: Group) => !ids.includes(id), [ids]);
    const isFull = ids.length >= CHANNEL_LIMITS.groups;
    return (
        <>
            {ids.length > 0 && groups !== undefined && (
                <ChosenList
                    label={formatMessage({id: 'channel.groups', defaultMessage: 'Invited groups'})}
                    ids={ids}
                    render={(id) => {
                        const group = groups?.find((one) => one.id === id);
                        return group ? <GroupName group={group}/> : (
                            <>
                                <FormattedMessage
                                    id='channel.unknown_group'
                                    defaultMessage='Unknown group'
                                />
                                <span className={styles.muted}>{id}</span>
                            </>
                        );
                    }}
                    onRemove={(id) => onChange((now) => ({group_ids: without(now.group_ids, id)}))}
                />
            )}
            {error && (
                <ErrorNotice
                    error={error}
                    onRetry={reload}
                >
                    <FormattedMessage
                        id='channel.groups_failed'
                        defaultMessage='The groups could not be loaded.'
                    />
                </ErrorNotice>
            )}
            {groups && groups.length > 0 && (
                <>
                    <ListAdder<Group>
                        label={formatMessage({id: 'channel.add_group', defaultMessage: 'Add a Group'})}
                        load={load}
                        search={searchGroups}
                        keyOf={({id}) => id}
                        render={(group) => <span className={styles.name}><GroupName group={group}/></span>}
                        isOffered={isOffered}
                        disabled={isFull}
                        onAdd={({id}) => onChange((now) => ({group_ids: withOne(now.group_ids, id, CHANNEL_LIMITS.groups)}))}
                    />
                    <Full isFull={isFull}>
                        <FormattedMessage
                            id='channel.most_groups'
                            defaultMessage='A playbook invites at most {count} groups.'
                            values={{count: CHANNEL_LIMITS.groups}}
                        />
                    </Full>
                </>
            )}
        </>
    );
}
