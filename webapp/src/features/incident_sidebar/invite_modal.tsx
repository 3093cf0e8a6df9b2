import Close from '@mattermost/compass-icons/components/close';
import React, {useCallback, useMemo, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {addChannelMember} from 'src/client/host';
import {useAction} from 'src/query/use_action';
import {forgetMembers, peopleOf} from 'src/store/members';
import styles from 'src/features/incident_sidebar/invite.module.css';
import {Person, PersonOption} from 'src/people/person';
import {User} from 'src/types/host_rest';
import {Incident} from 'src/types/incident';
import {Button, CancelButton} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {announce} from 'src/ui/live_region';
import {Modal} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {Picker} from 'src/ui/picker';

/** Adds people of the team to the incident's channel. */
export function InviteModal({incident, onClose}: {incident: Incident; onClose: () => void}) {
    const {formatMessage} = useIntl();
    const {team_id: teamId, channel_id: channelId} = incident;
    const [chosen, setChosen] = useState<User[]>([]);
    const source = useMemo(() => peopleOf({team_id: teamId, not_in_channel: channelId}), [teamId, channelId]);
    const load = useCallback(async (page: number, signal: AbortSignal) => {
        const {users, hasMore} = await source.load(page, signal);
        return {options: users, hasMore};
    }, [source]);

    const invite = useAction(async () => {
        for (const user of chosen) {
            await addChannelMember(channelId, user.id);
            // Who is in already stays in when a later one fails.
            setChosen((left) => left.filter(({id}) => id !== user.id));
        }
    });
    const submit = async () => {
        const count = chosen.length;
        if (await invite.run()) {
            forgetMembers(channelId);
            announce(formatMessage({id: 'invite.done', defaultMessage: '{count, plural, one {# person was} other {# people were}} added to the channel'}, {count}));
            onClose();
        }
    };
    return (
        <Modal
            id='incidentInviteModal'
            title={(
                <FormattedMessage
                    id='invite.title'
                    defaultMessage='Invite people to {name}'
                    values={{name: <bdi key='name'>{incident.name}</bdi>}}
                />
            )}
            onClose={onClose}
            busy={invite.busy}
            footer={(
                <>
                    <CancelButton
                        locked={invite.busy}
                        onClick={onClose}
                    />
                    <Button
                        kind='primary'
                        busy={invite.busy}
                        disabled={chosen.length === 0}
                        onClick={() => void submit()}
                    >
                        <FormattedMessage
                            id='invite.add'
                            defaultMessage='Add to Channel'
                        />
                    </Button>
                </>
            )}
        >
            {chosen.length > 0 && (
                <ul className={styles.chosen}>
                    {chosen.map((user) => (
                        <li
                            key={user.id}
                            className={styles.one}
                        >
                            <Person
                                userId={user.id}
                                fallbackName={`@${user.username}`}
                            />
                            <Button
                                kind='icon'
                                aria-label={formatMessage({id: 'invite.remove', defaultMessage: 'Do not invite {name}'}, {name: `@${user.username}`})}
                                locked={invite.busy}
                                onClick={() => setChosen(chosen.filter(({id}) => id !== user.id))}
                            >
                                <Icon of={Close}/>
                            </Button>
                        </li>
                    ))}
                </ul>
            )}
            <div className={styles.people}>
                <Picker<User>
                    label={formatMessage({id: 'invite.people', defaultMessage: 'People of the team who are not in the channel'})}
                    load={load}
                    search={source.search}
                    keyOf={({id}) => id}
                    leftOut={chosen.map(({id}) => id)}
                    render={(user) => <PersonOption user={user}/>}
                    onChoose={(user) => !invite.busy && setChosen((before) => (before.some(({id}) => id === user.id) ? before : [...before, user]))}
                />
            </div>
            {invite.error && (
                <ErrorNotice error={invite.error}>
                    <FormattedMessage
                        id='invite.failed'
                        defaultMessage='Not everybody could be added; those left are still listed.'
                    />
                </ErrorNotice>
            )}
        </Modal>
    );
}
