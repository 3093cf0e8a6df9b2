import React, {Dispatch, useCallback, useMemo, useRef} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {peopleOf} from 'src/store/members';
import {Draft, Edit} from 'src/playbook/draft';
import styles from 'src/features/playbook_editor/editor.module.css';
import {currentUserId} from 'src/host/store';
import {Person, PersonOption} from 'src/people/person';
import {User} from 'src/types/host_rest';
import {LIMITS} from 'src/types/limits';
import {Button} from 'src/ui/button';
import choiceStyles from 'src/ui/choice.module.css';
import {ListAdder} from 'src/ui/list_adder';

interface Props {
    draft: Draft;
    teamId: string;
    dispatch: Dispatch<Edit>;
}

function AddPeople({draft, teamId, dispatch}: Props) {
    const {formatMessage} = useIntl();
    const source = useMemo(() => peopleOf({team_id: teamId}), [teamId]);
    const {memberIds} = draft;
    const load = useCallback(async (page: number, signal: AbortSignal) => {
        const {users, hasMore} = await source.load(page, signal);
        return {options: users, hasMore};
    }, [source]);
    const isOffered = useCallback(({id}: User) => !memberIds.includes(id), [memberIds]);
    return (
        <ListAdder<User>
            label={formatMessage({id: 'editor.add_people', defaultMessage: 'Add People'})}
            load={load}
            search={(term, signal) => source.search(term, signal)}
            keyOf={({id}) => id}
            render={(user) => <PersonOption user={user}/>}
            isOffered={isOffered}
            disabled={memberIds.length >= LIMITS.members}
            onAdd={({id}) => dispatch({type: 'add_member', id})}
        />
    );
}

/** Who sees the channels of incidents, and who may use and change the playbook. */
export function Permissions({draft, teamId, dispatch, wasMember}: Props & {wasMember: boolean}) {
    const {formatMessage} = useIntl();
    const me = useSelector(currentUserId);
    const list = useRef<HTMLUListElement>(null);
    const {memberIds} = draft;
    const access = [
        {value: 'public', isPublic: true, text: formatMessage({id: 'editor.public', defaultMessage: 'Public'})},
        {value: 'private', isPublic: false, text: formatMessage({id: 'editor.private', defaultMessage: 'Private'})},
    ];
    return (
        <aside
            className={styles.sidebar}
            data-testid='playbook-sidebar'
            aria-labelledby='im-permissions'
        >
            <h2 id='im-permissions'>
                <FormattedMessage
                    id='editor.permissions'
                    defaultMessage='Permissions'
                />
            </h2>
            <fieldset className={styles.access}>
                <legend>
                    <FormattedMessage
                        id='editor.channel_access'
                        defaultMessage='Channels of incidents'
                    />
                </legend>
                {access.map(({value, isPublic, text}) => (
                    <label key={value}>
                        <input
                            type='radio'
                            className={choiceStyles.radio}
                            name='public'
                            value={value}
                            checked={draft.isPublic === isPublic}
                            onChange={() => dispatch({type: 'set', values: {isPublic}})}
                        />
                        {text}
                    </label>
                ))}
            </fieldset>
            <h3>
                <FormattedMessage
                    id='editor.playbook_access'
                    defaultMessage='People who may use this playbook'
                />
            </h3>
            <AddPeople {...{draft, teamId, dispatch}}/>
            <div role='status'>
                {memberIds.length >= LIMITS.members && (
                    <p className={styles.hint}>
                        <FormattedMessage
                            id='editor.most_members'
                            defaultMessage='A playbook is shared with at most {count, plural, one {# person} other {# people}}.'
                            values={{count: LIMITS.members}}
                        />
                    </p>
                )}
            </div>
            <ul
                ref={list}
                tabIndex={-1}
                className={styles.members}
                aria-labelledby='im-permissions'
            >
                {memberIds.map((id) => (
                    <li key={id}>
                        <Person
                            id={`im-member-${id}`}
                            userId={id}
                            size={32}
                        />
                        <Button
                            kind='link'
                            aria-describedby={`im-member-${id}`}
                            onClick={() => {
                                dispatch({type: 'set', values: {memberIds: memberIds.filter((member) => member !== id)}});
                                list.current?.focus();
                            }}
                        >
                            <FormattedMessage
                                id='editor.remove_member'
                                defaultMessage='Remove'
                            />
                        </Button>
                    </li>
                ))}
            </ul>
            <div role='status'>
                {memberIds.length === 0 && (
                    <p className={styles.warning}>
                        <FormattedMessage
                            id='editor.no_members'
                            defaultMessage='Nobody would be able to open this playbook. Add at least one person before you save it.'
                        />
                    </p>
                )}
                {memberIds.length > 0 && wasMember && !memberIds.includes(me) && (
                    <p className={styles.warning}>
                        <FormattedMessage
                            id='editor.self_removed'
                            defaultMessage='You removed yourself. Once saved, you will not be able to open this playbook any more.'
                        />
                    </p>
                )}
            </div>
        </aside>
    );
}
