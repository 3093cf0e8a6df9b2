import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {EditorTabProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/roles/editor.module.css';
import {roleKey} from 'src/capabilities/roles/role_keys';
import {RoleFields} from 'src/capabilities/roles/role_fields';
import {Draft, DraftTask} from 'src/playbook/draft';
import {moved} from 'src/store/merge';
import {PlaybookRole, ROLE_LIMITS} from 'src/types/roles';
import {Button} from 'src/ui/button';
import rowStyles from 'src/ui/editor_rows.module.css';
import {announce} from 'src/ui/live_region';
import {Confirm} from 'src/ui/modal';

const NONE: PlaybookRole[] = [];
const newRole = (): PlaybookRole => ({key: '', name: '', description: '', default: {kind: 'none', user_id: ''}});

/** The tasks that belong to a role. */
const tasksOf = ({stages}: Draft, key: string): DraftTask[] => stages.flatMap(({tasks}) => tasks).filter(({assignment}) => (
    key !== '' && assignment?.kind === 'role' && assignment.role === key
));

let last = 0;
const newRow = () => `role-${++last}`;

/** A key for the row of each role, which stays the same whatever is typed or moved. Roles that came from elsewhere get new ones. */
function useRows(count: number) {
    const rows = useRef<string[]>([]);
    if (rows.current.length !== count) {
        rows.current = Array.from({length: count}, (_, index) => rows.current[index] ?? newRow());
    }
    return rows;
}

/** The roles of a playbook: their names, what they do, and to whom they fall at the start of an incident. */
export default function RolesTab({teamId, draft, dispatch}: EditorTabProps) {
    const {formatMessage} = useIntl();
    const roles = draft.own.roles ?? NONE;
    const rows = useRows(roles.length);
    const list = useRef<HTMLOListElement>(null);
    const adder = useRef<HTMLButtonElement>(null);
    const focusDue = useRef<string>();
    const newest = useRef<string>();
    const [asked, setAsked] = useState<PlaybookRole>();
    useEffect(() => {
        if (focusDue.current !== undefined) {
            const row = list.current?.querySelector<HTMLElement>(`[data-row='${focusDue.current}'] input`);
            (row ?? adder.current)?.focus();
            focusDue.current = undefined;
        }
    });

    const save = (next: PlaybookRole[]) => dispatch({type: 'set_own', values: {roles: next.length > 0 ? next : undefined}});
    const add = () => {
        const row = newRow();
        focusDue.current = row;
        newest.current = row;
        rows.current = [...rows.current, row];
        save([...roles, newRole()]);
    };
    const move = (from: number, to: number) => {
        rows.current = moved(rows.current, from, to);
        save(moved(roles, from, to));
        announce(formatMessage({id: 'roles.moved', defaultMessage: 'The role is now number {place}.'}, {place: to + 1}));
    };
    const remove = (role: PlaybookRole) => {
        const index = roles.indexOf(role);
        rows.current = rows.current.filter((_, at) => at !== index);
        focusDue.current = rows.current[index] ?? rows.current[index - 1] ?? '';
        tasksOf(draft, role.key).forEach(({key}) => dispatch({type: 'set_task', task: key, values: {assignment: undefined}}));
        save(roles.filter((one) => one !== role));
        setAsked(undefined);
    };
    const change = (role: PlaybookRole, values: Partial<PlaybookRole>) => save(roles.map((one) => (one === role ? {...one, ...values} : one)));
    const isFull = roles.length >= ROLE_LIMITS.roles;
    return (
        <div className={styles.form}>
            <p className={styles.intro}>
                <FormattedMessage
                    id='roles.editor_text'
                    defaultMessage='Roles are shown below the commander of each incident. A task that belongs to a role is assigned to the person who has the role.'
                />
            </p>
            {roles.length > 0 && (
                <ol
                    ref={list}
                    className={rowStyles.rows}
                >
                    {roles.map((role, index) => (
                        <RoleFields
                            key={rows.current[index]}
                            row={rows.current[index] ?? ''}
                            isNew={rows.current[index] === newest.current}
                            {...{teamId, role, roles, index}}
                            taskCount={tasksOf(draft, role.key).length}
                            onChange={(values) => change(role, values)}
                            onNamed={() => role.key === '' && role.name.trim() && change(role, {key: roleKey(role.name, roles.map(({key}) => key))})}
                            onMove={(to) => move(index, to)}
                            onRemove={() => (tasksOf(draft, role.key).length > 0 ? setAsked(role) : remove(role))}
                        />
                    ))}
                </ol>
            )}
            <Button
                ref={adder}
                className={styles.add}
                disabled={isFull}
                onClick={add}
            >
                <FormattedMessage
                    id='roles.add'
                    defaultMessage='Add a Role'
                />
            </Button>
            <div role='status'>
                {isFull && (
                    <p className={styles.hint}>
                        <FormattedMessage
                            id='roles.full'
                            defaultMessage='A playbook has at most {count} roles.'
                            values={{count: ROLE_LIMITS.roles}}
                        />
                    </p>
                )}
            </div>
            {asked && (
                <Confirm
                    title={formatMessage({id: 'roles.remove_title', defaultMessage: 'Remove this role?'})}
                    confirm={formatMessage({id: 'roles.remove_confirm', defaultMessage: 'Remove Role'})}
                    isDangerous={true}
                    onConfirm={() => remove(asked)}
                    onCancel={() => setAsked(undefined)}
                >
                    <FormattedMessage
                        id='roles.remove_text'
                        defaultMessage='{count, plural, one {# task belongs} other {# tasks belong}} to “{name}”. Without the role {count, plural, one {it is} other {they are}} assigned to nobody.'
                        values={{count: tasksOf(draft, asked.key).length, name: <bdi key='name'>{asked.name}</bdi>}}
                    />
                </Confirm>
            )}
        </div>
    );
}
