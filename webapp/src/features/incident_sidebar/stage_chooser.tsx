import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {finishedTasks} from 'src/incident/progress';
import {SidebarHeading} from 'src/incident/sidebar_parts';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import taskStyles from 'src/features/incident_sidebar/tasks.module.css';
import {Incident, Stage} from 'src/types/incident';
import {Button} from 'src/ui/button';

interface Props {
    incident: Incident;

    /** The one that is looked at. */
    stage: Stage;
    isCurrent: boolean;
    onChoose: (stageId: string) => void;
}

/** Heading of the tasks, with what remains, and a choice of the stage to look at. */
export function StageChooser({incident, stage, isCurrent, onChoose}: Props) {
    const {formatMessage} = useIntl();
    const finished = finishedTasks(stage);
    return (
        <div className={taskStyles.chooser}>
            <SidebarHeading>
                <FormattedMessage
                    id='tasks.title'
                    defaultMessage='Tasks'
                />
            </SidebarHeading>
            <span
                className={styles.muted}
                data-testid='task-count'
            >
                <FormattedMessage
                    id='tasks.count'
                    defaultMessage='{remaining} remaining, {finished} finished'
                    values={{remaining: stage.items.length - finished, finished}}
                />
            </span>
            {incident.checklists.length > 1 && (
                <select
                    className={taskStyles.select}
                    aria-label={formatMessage({id: 'tasks.stage_shown', defaultMessage: 'Stage whose tasks are shown'})}
                    value={stage.id}
                    onChange={(event) => onChoose(event.target.value)}
                >
                    {incident.checklists.map((one, index) => (
                        <option
                            key={one.id}
                            value={one.id}
                        >
                            {index === incident.active_stage ?
                                formatMessage({id: 'tasks.stage_current', defaultMessage: '{number}. {title} (current)'}, {number: index + 1, title: one.title}) :
                                formatMessage({id: 'tasks.stage_other', defaultMessage: '{number}. {title}'}, {number: index + 1, title: one.title})}
                        </option>
                    ))}
                </select>
            )}
            {!isCurrent && (
                <p className={taskStyles.otherStage}>
                    <FormattedMessage
                        id='tasks.other_stage'
                        defaultMessage='This is not the current stage.'
                    />
                    {' '}
                    <Button
                        kind='link'
                        onClick={() => onChoose('')}
                    >
                        <FormattedMessage
                            id='tasks.to_current'
                            defaultMessage='Show the current one'
                        />
                    </Button>
                </p>
            )}
        </div>
    );
}
