import React from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';
import {useStore} from 'react-redux';

import {adoptDialog} from 'src/data/commands';
import {runCommand, TaskPlace} from 'src/data/mutate';
import styles from 'src/features/incident_sidebar/tasks.module.css';
import {useToldAction} from 'src/features/incident_sidebar/use_told_action';
import {HostState} from 'src/host/store';
import {Task} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {ErrorNotice} from 'src/ui/notice';
import {Ago} from 'src/ui/time';

const RUN_FAILED = defineMessage({id: 'task.run_failed', defaultMessage: 'The command did not run.'});

/** The slash command of a task: runs it as the user, and tells when it ran last. */
export function TaskCommand({task, place}: {task: Task; place: TaskPlace}) {
    const {formatMessage} = useIntl();
    const store = useStore<HostState>();
    const running = useToldAction(async () => {
        const answer = await runCommand(place);
        adoptDialog(store, answer?.trigger_id);
    }, RUN_FAILED);
    return (
        <>
            <div className={styles.command}>
                <Button
                    kind='link'
                    className='run'
                    busy={running.busy}
                    title={formatMessage({id: 'task.run_hint', defaultMessage: 'Run {command}'}, {command: task.command})}
                    onClick={() => void running.run()}
                >
                    {task.command_last_run > 0 ? (
                        <FormattedMessage
                            id='task.rerun'
                            defaultMessage='Rerun'
                        />
                    ) : (
                        <FormattedMessage
                            id='task.run'
                            defaultMessage='Run'
                        />
                    )}
                </Button>
                <code
                    className={styles.chip}
                    dir='ltr'
                    title={task.command}
                >
                    {task.command}
                </code>
                {task.command_last_run > 0 && (
                    <span className={styles.lastRun}>
                        <Ago at={task.command_last_run}/>
                    </span>
                )}
            </div>
            {running.error && (
                <ErrorNotice
                    error={running.error}
                    onDismiss={running.clear}
                >
                    <FormattedMessage {...RUN_FAILED}/>
                </ErrorNotice>
            )}
        </>
    );
}
