import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {TaskSettingProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/roles/editor.module.css';
import {HolderSelect} from 'src/capabilities/roles/holder_select';
import {Assignment} from 'src/types/roles';
import {isolated} from 'src/ui/isolated';

const NOBODY = 'nobody';
const COMMANDER = 'commander';

/** Keys of roles have no colon. */
const ROLE = 'role:';

function valueOf(assignment: Assignment | undefined): string | undefined {
    switch (assignment?.kind) {
    case 'role':
        return ROLE + assignment.role;
    case 'commander':
        return COMMANDER;
    case 'user':
        return undefined;
    default:
        return NOBODY;
    }
}

function assignmentOf(value: string): Assignment | undefined {
    if (value.startsWith(ROLE)) {
        return {kind: 'role', role: value.slice(ROLE.length)};
    }
    return value === COMMANDER ? {kind: 'commander'} : undefined;
}

/** To whom a task of the playbook falls when an incident starts. */
export default function TaskAssignment({teamId, task, name, own, dispatch, isNew}: TaskSettingProps) {
    const {formatMessage} = useIntl();
    const {assignment} = task;
    const roles = (own.roles ?? []).filter(({key, name: title}) => key && title.trim());
    const isLost = assignment?.kind === 'role' && roles.every(({key}) => key !== assignment.role);
    const assign = (to: Assignment | undefined) => dispatch({type: 'set_task', task: task.key, values: {assignment: to}});
    return (
        <div className={styles.assignment}>
            <span
                aria-hidden={true}
                className={styles.assignmentLabel}
            >
                <FormattedMessage
                    id='roles.assigned_to'
                    defaultMessage='Assigned to'
                />
            </span>
            <HolderSelect
                teamId={teamId}
                autoFocus={isNew}
                label={formatMessage({id: 'roles.assigned_label', defaultMessage: 'To whom {name} is assigned'}, {name})}
                value={valueOf(assignment)}
                userId={assignment?.kind === 'user' ? assignment.user_id : ''}
                onChoose={(value) => assign(assignmentOf(value))}
                onPerson={(userId) => assign({kind: 'user', user_id: userId})}
            >
                <option value={NOBODY}>{formatMessage({id: 'roles.assigned_nobody', defaultMessage: 'Nobody'})}</option>
                <option value={COMMANDER}>{formatMessage({id: 'summary.commander', defaultMessage: 'Commander'})}</option>
                {roles.map((role) => (
                    <option
                        key={role.key}
                        value={ROLE + role.key}
                    >
                        {isolated(role.name)}
                    </option>
                ))}
                {isLost && <option value={ROLE + assignment.role}>{formatMessage({id: 'roles.lost', defaultMessage: 'A role that is gone'})}</option>}
            </HolderSelect>
        </div>
    );
}
