import Check from '@mattermost/compass-icons/components/check-circle-outline';
import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import ChevronRight from '@mattermost/compass-icons/components/chevron-right';
import React from 'react';
import {FormattedMessage} from 'react-intl';

import {EntryRow} from 'src/capabilities/timeline/entry_row';
import {finishedBy, TaskGroup} from 'src/capabilities/timeline/fold';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Incident} from 'src/types/incident';
import {Icon} from 'src/ui/icon';
import {useTimeOfDay} from 'src/ui/time';

interface Props {
    group: TaskGroup;
    incident: Incident;
    canWrite: boolean;

    /** Of its controls. */
    tabIndex: number;
    isOpen: boolean;
    onToggle: () => void;
}

/** What a group says: how many tasks were finished, or how much was done to them. */
function Summary({group, incident}: Pick<Props, 'group' | 'incident'>) {
    const {count, isAll} = finishedBy(group);
    const title = incident.checklists.find(({id}) => id === group.stageId)?.title;
    const changes = group.events.length;
    const named = title ? 'yes' : 'no';
    const stage = <bdi>{title}</bdi>;
    if (isAll) {
        return (
            <FormattedMessage
                id='incident_timeline.tasks_finished'
                defaultMessage='{count, plural, one {# task} other {# tasks}} finished{named, select, yes { in {stage}} other {}}'
                values={{count, named, stage}}
            />
        );
    }
    return count > 0 ? (
        <FormattedMessage
            id='incident_timeline.tasks_mixed'
            defaultMessage='{changes} changes of tasks{named, select, yes { in {stage}} other {}}, {count} finished'
            values={{changes, count, named, stage}}
        />
    ) : (
        <FormattedMessage
            id='incident_timeline.tasks_changed'
            defaultMessage='{changes} changes of tasks{named, select, yes { in {stage}} other {}}'
            values={{changes, named, stage}}
        />
    );
}

/** Events of tasks, folded into one line that opens. */
export function GroupRow({group, incident, canWrite, tabIndex, isOpen, onToggle}: Props) {
    const timeOfDay = useTimeOfDay();
    const [first] = group.events;
    return (
        <>
            <button
                type='button'
                className={styles.group}
                data-row-control={true}
                data-testid='timeline-group'
                tabIndex={tabIndex}
                aria-expanded={isOpen}
                onClick={onToggle}
            >
                <Icon
                    of={Check}
                    className={styles.kind}
                />
                <span className={styles.time}>{first && timeOfDay(first.happened_at)}</span>
                <span className={styles.head}>
                    <Summary
                        group={group}
                        incident={incident}
                    />
                </span>
                <Icon
                    of={isOpen ? ChevronDown : ChevronRight}
                    isDirectional={!isOpen}
                />
            </button>
            {isOpen && (
                <ol className={styles.inner}>
                    {group.events.map((entry) => (
                        <li key={entry.id}>
                            <EntryRow
                                entry={entry}
                                incident={incident}
                                canWrite={canWrite}
                                tabIndex={tabIndex}
                            />
                        </li>
                    ))}
                </ol>
            )}
        </>
    );
}
