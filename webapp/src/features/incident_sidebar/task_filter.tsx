import React from 'react';
import {defineMessages, FormattedMessage, useIntl} from 'react-intl';

import sidebarStyles from 'src/features/incident_sidebar/sidebar.module.css';
import styles from 'src/features/incident_sidebar/tasks.module.css';
import {keepInTab, keptInTab} from 'src/host/tab_storage';
import {Incident, Stage, Task} from 'src/types/incident';
import {Button} from 'src/ui/button';

const TASK_FILTERS = ['all', 'mine', 'unassigned'] as const;
export type TaskFilter = typeof TASK_FILTERS[number];

const TEXTS = defineMessages({
    all: {id: 'tasks.filter_all', defaultMessage: 'All'},
    mine: {id: 'tasks.filter_mine', defaultMessage: 'Mine'},
    unassigned: {id: 'tasks.filter_unassigned', defaultMessage: 'Unassigned'},
});

const NONE_SHOWN = defineMessages({
    mine: {id: 'tasks.none_mine', defaultMessage: 'No task of this stage is yours.'},
    unassigned: {id: 'tasks.none_unassigned', defaultMessage: 'Each task of this stage has somebody.'},
});

const KEPT = 'task-filter';

/** Keeps the filter for all incidents until the browser tab is closed. */
export const keepTaskFilter = (userId: string, filter: TaskFilter) => keepInTab(userId, KEPT, filter === 'all' ? undefined : filter);

export function keptTaskFilter(userId: string): TaskFilter {
    const kept = keptInTab(userId, KEPT);
    return TASK_FILTERS.find((filter) => filter === kept) ?? 'all';
}

/** Which tasks a filter shows. */
export function isIn(filter: TaskFilter, userId: string): (task: Task) => boolean {
    switch (filter) {
    case 'mine':
        return ({assignee_id: id}) => id === userId;
    case 'unassigned':
        return ({assignee_id: id}) => id === '';
    default:
        return () => true;
    }
}

interface Props {
    incident: Incident;

    /** The stage whose tasks are shown. */
    stage: Stage;
    userId: string;
    filter: TaskFilter;
    onFilter: (filter: TaskFilter) => void;
}

/** Chooses which tasks are shown, and says what the filter leaves out of sight. */
export function TaskFilters({incident, stage, userId, filter, onFilter}: Props) {
    const {formatMessage} = useIntl();
    const shows = isIn(filter, userId);
    const open = (one: Stage) => one.items.filter((task) => task.state !== 'closed' && shows(task)).length;
    const elsewhere = filter === 'all' ? 0 : incident.checklists.reduce((sum, one) => sum + (one.id === stage.id ? 0 : open(one)), 0);
    const isEmpty = !stage.items.some(shows);
    return (
        <>
            <div
                role='group'
                aria-label={formatMessage({id: 'tasks.filter', defaultMessage: 'Which tasks are shown'})}
                className={styles.filters}
            >
                {TASK_FILTERS.map((one) => (
                    <Button
                        key={one}
                        kind='quiet'
                        aria-pressed={one === filter}
                        onClick={() => onFilter(one)}
                    >
                        {formatMessage(TEXTS[one])}
                    </Button>
                ))}
            </div>
            <div
                role='status'
                className={sidebarStyles.muted}
            >
                {filter !== 'all' && isEmpty && <p className={styles.filterNote}>{formatMessage(NONE_SHOWN[filter])}</p>}
                {elsewhere > 0 && (
                    <p className={styles.filterNote}>
                        <FormattedMessage
                            id='tasks.filter_elsewhere'
                            defaultMessage='{count} not finished in other stages'
                            values={{count: elsewhere}}
                        />
                    </p>
                )}
            </div>
        </>
    );
}
