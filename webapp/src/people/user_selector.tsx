import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import React, {ReactNode, useCallback, useMemo} from 'react';
import {useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {PeopleSource} from 'src/store/members';
import {currentUserId, HostState, userById} from 'src/host/store';
import styles from 'src/people/people.module.css';
import {Person, PersonOption} from 'src/people/person';
import {User} from 'src/types/host_rest';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import {LateChoices, useLateChoices} from 'src/ui/late_choice';
import {Picker} from 'src/ui/picker';
import {Popup, PopupFrame, usePopup} from 'src/ui/popup';

interface Props {
    /** What the choice is for; names the button together with the chosen person. */
    label: string;

    /** Id of the chosen user; '' is nobody. */
    userId: string;

    /** Who may be chosen; has to be the same object as long as the same people may. */
    source: PeopleSource;

    /** Not called when the same person is chosen again. */
    onChoose: (user: User) => void;

    /** Text of the button when nobody is chosen. */
    nobody: ReactNode;

    /** Offered while somebody is chosen. */
    reset?: {text: ReactNode; onReset: () => void};

    /** Offered above the people: something else than choosing one of them. The list closes. */
    action?: {text: ReactNode; onAct: () => void};

    /** Puts the current user first; the text says what choosing them means. */
    selfNote?: string;
    fallbackName?: string;
    className?: string;
    disabled?: boolean;

    /** The choice is a field of a form and counts only as long as that is there. Otherwise choosing is an action. */
    isPartOfForm?: boolean;
}

type ListProps = Pick<Props, 'label' | 'userId' | 'source' | 'onChoose' | 'reset' | 'action' | 'selfNote'> & {popup: Popup; lateChoices: LateChoices<User>};

/** What opens; a component of its own, so that closed selectors follow nothing. */
function PeopleList({label, userId, source, onChoose, reset, action, selfNote, popup, lateChoices}: ListProps) {
    const {formatMessage} = useIntl();
    const me = useSelector((state: HostState) => userById(state, currentUserId(state)));
    const withSelf = selfNote !== undefined;

    const load = useCallback(async (page: number, signal: AbortSignal) => {
        const {users, hasMore} = await source.load(page, signal);
        const others = withSelf && me ? users.filter(({id}) => id !== me.id) : users;
        return {options: withSelf && me && page === 0 ? [me, ...others] : others, hasMore};
    }, [source, withSelf, me]);
    const search = useCallback((term: string, signal: AbortSignal) => source.search(term, signal), [source]);
    const resetEntry = useMemo(() => reset && userId ? {
        text: reset.text,
        onReset: () => {
            popup.close();
            reset.onReset();
        },
    } : undefined, [reset, userId, popup]);

    const actionEntry = useMemo(() => action && {
        text: action.text,
        onAct: () => {
            popup.close();
            action.onAct();
        },
    }, [action, popup]);

    return (
        <Picker<User>
            label={label}
            hook='incident-user-select'
            placeholder={formatMessage({id: 'people.search', defaultMessage: 'Search'})}
            load={load}
            search={search}
            keyOf={(user) => user.id}
            selectedKey={userId}
            reset={resetEntry}
            action={actionEntry}
            render={(user) => (
                <PersonOption
                    user={user}
                    note={user.id === me?.id ? selfNote : undefined}
                />
            )}
            onChoose={(user) => {
                popup.close();
                onChoose(user);
            }}
            lateChoices={lateChoices}
        />
    );
}

/** A button with the chosen person that opens a searchable list of people. */
export function UserSelector({nobody, fallbackName, className, disabled, isPartOfForm, onChoose, ...list}: Props) {
    const {label, userId} = list;
    const popup = usePopup();
    const take = (user: User) => {
        if (user.id !== userId) {
            onChoose(user);
        }
    };
    const lateChoices = useLateChoices(take, {isPartOfForm});
    return (
        <PopupFrame
            popup={popup}
            anchorClassName={className}
            opener={(
                <button
                    type='button'
                    className={classes(userId ? 'Assigned-button' : 'NoAssignee-button', styles.opener)}
                    aria-haspopup='listbox'
                    aria-expanded={popup.isOpen}
                    aria-label={userId ? undefined : label}
                    title={label}
                    disabled={disabled}
                    onClick={popup.toggle}
                >
                    {userId ? (
                        <Person
                            userId={userId}
                            fallbackName={fallbackName}
                        />
                    ) : <span className={styles.nobody}>{nobody}</span>}
                    <Icon
                        of={ChevronDown}
                        size={14}
                    />
                </button>
            )}
        >
            <PeopleList
                {...list}
                onChoose={take}
                popup={popup}
                lateChoices={lateChoices}
            />
        </PopupFrame>
    );
}
