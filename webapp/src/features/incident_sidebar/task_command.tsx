import React, {useState} from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';
import {useSelector, useStore} from 'react-redux';

import {ApiError} from 'src/client/http';
import {COMMAND_CHANGED} from 'src/client/incidents';
import {adoptDialog} from 'src/store/commands';
import {confirmedTask, runCommand, TaskPlace} from 'src/store/incident_changes';
import {AskBeforeRun, isForeign} from 'src/features/incident_sidebar/ask_before_run';
import styles from 'src/features/incident_sidebar/tasks.module.css';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {currentUserId, HostState} from 'src/host/store';
import {Task} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {ErrorNotice} from 'src/ui/notice';
import {Ago} from 'src/ui/time';

const RUN_FAILED = defineMessage({id: 'task.run_failed', defaultMessage: 'The command did not run.'});

/**
 * The slash command of a task: runs it as the user, and tells when it ran last. A command that somebody else wrote, and
 * that the user has not run as it is, is shown whole first.
 */
export function TaskCommand({task, place}: {task: Task; place: TaskPlace}) {
    const {formatMessage} = useIntl();
    const store = useStore<HostState>();
    const me = useSelector(currentUserId);
    const [isWhole, setWhole] = useState(false);
    const [asked, setAsked] = useState<Task>();
    const running = useActionWithToast(async (command: string) => {
        try {
            const answer = await runCommand(place, command);
            adoptDialog(store, answer?.trigger_id);
        } catch (cause) {
            if (cause instanceof ApiError && cause.code === COMMAND_CHANGED) {
                setAsked(confirmedTask(place));
            }
            throw cause;
        }
    }, RUN_FAILED);
    const start = () => (isForeign(task, me) ? setAsked(task) : void running.run(task.command));
    return (
        <>
            <div className={styles.command}>
                <Button
                    kind='link'
                    className='run'
                    busy={running.busy}
                    title={formatMessage({id: 'task.run_hint', defaultMessage: 'Run {command}'}, {command: task.command})}
                    onClick={start}
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
                <button
                    type='button'
                    className={styles.chipButton}
                    aria-expanded={isWhole}
                    onClick={() => setWhole(!isWhole)}
                >
                    <code
                        className={classes(styles.chip, isWhole && styles.wholeChip)}
                        dir='ltr'
                        title={task.command}
                    >
                        {task.command}
                    </code>
                </button>
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
            {asked && (
                <AskBeforeRun
                    task={asked}
                    onRun={() => {
                        setAsked(undefined);
                        void running.run(asked.command);
                    }}
                    onCancel={() => setAsked(undefined)}
                />
            )}
        </>
    );
}
