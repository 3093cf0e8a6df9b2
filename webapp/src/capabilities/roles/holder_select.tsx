import React, {ReactNode, useMemo, useState} from 'react';
import {useIntl} from 'react-intl';

import styles from 'src/capabilities/roles/editor.module.css';
import {UserSelector} from 'src/people/user_selector';
import {peopleOf} from 'src/store/members';

const PERSON = 'person';

interface Props {
    teamId: string;

    /** Accessible name of the list of choices. */
    label: string;

    /** Id of an element that describes it, such as a visible label. */
    id?: string;

    /** Takes the focus when it appears. */
    autoFocus?: boolean;

    /** The options before the person. */
    children: ReactNode;

    /** The chosen option; undefined when a person is chosen. */
    value: string | undefined;

    /** The chosen person; '' is nobody. */
    userId: string;
    onChoose: (value: string) => void;
    onPerson: (userId: string) => void;
}

/** Chooses one of some options, or a person of the team, for whom a second control opens. */
export function HolderSelect({teamId, label, id, autoFocus, children, value, userId, onChoose, onPerson}: Props) {
    const {formatMessage} = useIntl();
    const source = useMemo(() => peopleOf({team_id: teamId}), [teamId]);

    // Until a person is chosen, the choice of before stands.
    const [isChoosing, setChoosing] = useState(false);
    const isPerson = isChoosing || value === undefined;
    const choosePerson = formatMessage({id: 'roles.choose_person', defaultMessage: 'Choose a person'});
    return (
        <span className={styles.holder}>
            <select
                id={id}
                className={styles.select}
                autoFocus={autoFocus}
                aria-label={id ? undefined : label}
                value={isPerson ? PERSON : value}
                onChange={({target}) => {
                    setChoosing(target.value === PERSON);
                    if (target.value !== PERSON) {
                        onChoose(target.value);
                    }
                }}
            >
                {children}
                <option value={PERSON}>{formatMessage({id: 'roles.person', defaultMessage: 'A person'})}</option>
            </select>
            {isPerson && (
                <UserSelector
                    label={choosePerson}
                    userId={value === undefined ? userId : ''}
                    source={source}
                    nobody={choosePerson}
                    isPartOfForm={true}
                    onChoose={(user) => {
                        setChoosing(false);
                        onPerson(user.id);
                    }}
                />
            )}
        </span>
    );
}
