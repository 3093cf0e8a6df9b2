import ArrowDown from '@mattermost/compass-icons/components/arrow-down';
import ArrowUp from '@mattermost/compass-icons/components/arrow-up';
import Trash from '@mattermost/compass-icons/components/trash-can-outline';
import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/capabilities/roles/editor.module.css';
import {HolderSelect} from 'src/capabilities/roles/holder_select';
import {faultOf} from 'src/capabilities/roles/valid';
import {PlaybookRole, RoleDefault, ROLE_LIMITS} from 'src/types/roles';
import {Button} from 'src/ui/button';
import rowStyles from 'src/ui/editor_rows.module.css';
import {TextField} from 'src/ui/field';
import {Icon} from 'src/ui/icon';
import {useDomId} from 'src/ui/ids';

interface Props {
    teamId: string;

    /** Names the row in the document. */
    row: string;

    /** Just added: it is not wrong yet. */
    isNew: boolean;
    role: PlaybookRole;
    roles: PlaybookRole[];
    index: number;

    /** Tasks of the playbook that belong to the role. */
    taskCount: number;
    onChange: (values: Partial<PlaybookRole>) => void;

    /** The name has been typed. */
    onNamed: () => void;
    onMove: (to: number) => void;
    onRemove: () => void;
}

/** The fields of one role of a playbook. */
export function RoleFields({teamId, row, isNew, role, roles, index, taskCount, onChange, onNamed, onMove, onRemove}: Props) {
    const {formatMessage} = useIntl();
    const defaultId = useDomId('role-default');

    const [isTouched, setTouched] = useState(!isNew);
    const fault = faultOf(role, roles);
    const name = role.name.trim() || formatMessage({id: 'roles.unnamed', defaultMessage: 'new role'});
    const {kind, user_id: userId} = role.default;
    let error;
    if (fault === 'taken') {
        error = formatMessage({id: 'roles.name_taken', defaultMessage: 'Another role has this name.'});
    } else if (fault === 'missing' && isTouched) {
        error = formatMessage({id: 'roles.name_missing', defaultMessage: 'The role needs a name.'});
    }
    return (
        <li
            className={rowStyles.row}
            data-row={row}
            data-testid='role-fields'
        >
            <div className={rowStyles.fields}>
                <TextField
                    label={formatMessage({id: 'roles.name', defaultMessage: 'Name of role {n}'}, {n: index + 1})}
                    limit={ROLE_LIMITS.name}
                    value={role.name}
                    error={error}
                    onChange={({target}) => onChange({name: target.value})}
                    onBlur={() => {
                        setTouched(true);
                        onNamed();
                    }}
                />
                <TextField
                    label={formatMessage({id: 'roles.description', defaultMessage: 'What it does (optional)'})}
                    limit={ROLE_LIMITS.description}
                    value={role.description}
                    onChange={({target}) => onChange({description: target.value})}
                />
                <div>
                    <label
                        htmlFor={defaultId}
                        className={styles.label}
                    >
                        <FormattedMessage
                            id='roles.default'
                            defaultMessage='Who has it at the start'
                        />
                    </label>
                    <HolderSelect
                        id={defaultId}
                        teamId={teamId}
                        label=''
                        value={kind === 'user' ? undefined : kind}
                        userId={userId}
                        onChoose={(value) => onChange({default: {kind: value as RoleDefault['kind'], user_id: ''}})}
                        onPerson={(id) => onChange({default: {kind: 'user', user_id: id}})}
                    >
                        <option value='none'>{formatMessage({id: 'roles.assigned_nobody', defaultMessage: 'Nobody'})}</option>
                        <option value='commander'>{formatMessage({id: 'summary.commander', defaultMessage: 'Commander'})}</option>
                        <option value='starter'>{formatMessage({id: 'roles.starter', defaultMessage: 'Who starts the incident'})}</option>
                    </HolderSelect>
                </div>
                {taskCount > 0 && (
                    <p className={styles.hint}>
                        <FormattedMessage
                            id='roles.task_count'
                            defaultMessage='{count, plural, one {# task belongs} other {# tasks belong}} to it.'
                            values={{count: taskCount}}
                        />
                    </p>
                )}
            </div>
            <div className={styles.actions}>
                <Button
                    kind='icon'
                    locked={index === 0}
                    aria-label={formatMessage({id: 'roles.up', defaultMessage: 'Move up: {name}'}, {name})}
                    onClick={() => onMove(index - 1)}
                >
                    <Icon of={ArrowUp}/>
                </Button>
                <Button
                    kind='icon'
                    locked={index === roles.length - 1}
                    aria-label={formatMessage({id: 'roles.down', defaultMessage: 'Move down: {name}'}, {name})}
                    onClick={() => onMove(index + 1)}
                >
                    <Icon of={ArrowDown}/>
                </Button>
                <Button
                    kind='icon'
                    aria-label={formatMessage({id: 'roles.remove', defaultMessage: 'Remove: {name}'}, {name})}
                    onClick={onRemove}
                >
                    <Icon of={Trash}/>
                </Button>
            </div>
        </li>
    );
}
