import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import sidebarStyles from 'src/features/incident_sidebar/sidebar.module.css';
import styles from 'src/features/incident_sidebar/tasks.module.css';
import {Person} from 'src/people/person';
import {UserSelector} from 'src/people/user_selector';
import {PeopleSource} from 'src/store/members';
import {Task} from 'src/types/incident';

interface Props {
    task: Task;
    source: PeopleSource;

    /** The role to which the task belongs, or the word for the commander. */
    assignedTo?: string;

    /** Gets the chosen user; '' is nobody. */
    onAssign: (userId: string) => void;
}

/** Who does a task, and to which role it belongs. */
export function TaskAssignee({task, source, assignedTo, onAssign}: Props) {
    const {formatMessage} = useIntl();
    const {assignment, assignee_id: assignee} = task;
    const none = formatMessage({id: 'task.no_assignee', defaultMessage: 'No Assignee'});
    const empty = assignedTo && formatMessage({id: 'task.role_is_empty', defaultMessage: '{role} (nobody yet)'}, {role: assignedTo});
    const selector = (
        <UserSelector
            className={sidebarStyles.flushSelector}
            label={formatMessage({id: 'task.assignee', defaultMessage: 'Assignee'})}
            userId={assignee}
            source={source}
            nobody={empty || none}
            selfNote={formatMessage({id: 'task.assign_self', defaultMessage: '(assigns you)'})}
            reset={{text: none, onReset: () => onAssign('')}}
            onChoose={({id}) => onAssign(id)}
        />
    );
    if (assignee && assignedTo) {
        return (
            <span className={styles.assigned}>
                {selector}
                <bdi className={styles.assignedTo}>{assignedTo}</bdi>
            </span>
        );
    }
    if (!assignee && assignment?.kind === 'user') {
        return (
            <>
                {selector}
                <span className={styles.assignedTo}>
                    <FormattedMessage
                        id='task.meant_for'
                        defaultMessage='Meant for {person}, who could not be added to the channel.'
                        values={{
                            person: (
                                <Person
                                    key='person'
                                    userId={assignment.user_id}
                                    size={16}
                                />
                            ),
                        }}
                    />
                </span>
            </>
        );
    }
    return selector;
}
