import React, {memo, RefObject, useCallback, useLayoutEffect, useRef, useState} from 'react';
import {defineMessages, FormattedMessage, useIntl} from 'react-intl';

import {useAction} from 'src/query/use_action';
import {assign, edit, remove, setState, TaskPlace} from 'src/store/incident_changes';
import {PeopleSource} from 'src/store/members';
import {taskFormKey, taskForms, useTaskForm} from 'src/store/task_forms';
import {TaskAssignee} from 'src/features/incident_sidebar/task_assignee';
import {TaskCommand} from 'src/features/incident_sidebar/task_command';
import {TaskDescription} from 'src/features/incident_sidebar/task_description';
import {TaskForm, useFocusAfter, useIsFound} from 'src/features/incident_sidebar/task_form';
import {TaskTime} from 'src/features/incident_sidebar/task_time';
import styles from 'src/features/incident_sidebar/tasks.module.css';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {Task, TaskState} from 'src/types/incident';
import choiceStyles from 'src/ui/choice.module.css';
import {classes} from 'src/ui/classes';
import {useDomId} from 'src/ui/ids';
import {Text} from 'src/people/text';
import {DotsMenu, MenuEntry} from 'src/ui/menu';
import {Confirm} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {Reorder, ReorderHandle} from 'src/ui/reorder';

interface Props {
    task: Task;
    incidentId: string;
    channelId: string;
    stageId: string;
    source: PeopleSource;

    /** The role to which the task belongs, or the word for the commander. */
    assignedTo?: string;
    isFirst: boolean;
    isLast: boolean;
    isDragged: boolean;
    onGrab: Reorder['start'];
    onStep: Reorder['step'];

    /** Keeps the stage on the screen while the form is open; returns the end of that. */
    keepStage: (stageId: string) => () => void;
}

const FAILED = defineMessages({
    state: {id: 'task.state_failed', defaultMessage: 'The task could not be changed.'},
    assignee: {id: 'task.assign_failed', defaultMessage: 'The task could not be assigned.'},
});

/** The rows after this one, then those before it, the nearest first. */
function neighbours(row: Element): Element[] {
    const rows = [...row.parentElement?.children ?? []];
    const at = rows.indexOf(row);
    return [...rows.slice(at + 1), ...rows.slice(0, at).reverse()];
}

/**
 * Puts the focus on the nearest row that is left, or else on the way to a new task, when this one goes and had the focus: in
 * itself, or in the dialog that it asks by.
 */
function useFocusNext(row: RefObject<HTMLElement>, isAsking: boolean): void {
    const asks = useRef(isAsking);
    useLayoutEffect(() => {
        asks.current = isAsking;
    });
    useLayoutEffect(() => () => {
        const gone = row.current;
        if (!gone || !(asks.current || gone.contains(document.activeElement))) {
            return;
        }
        const others = neighbours(gone);
        const stage = gone.parentElement?.parentElement;
        queueMicrotask(() => {
            // By now it has been taken from the document, and with it the focus.
            if (!gone.isConnected && document.activeElement === document.body) {
                const next = others.find(({isConnected}) => isConnected);
                (next ?? stage)?.querySelector<HTMLElement>(next ? 'input' : '[data-testid=add-task]')?.focus();
            }
        });
    }, [row]);
}

function useTaskActions(place: TaskPlace) {
    return {
        state: useActionWithToast((state: TaskState) => setState(place, state), FAILED.state, true),
        assignee: useActionWithToast((userId: string) => assign(place, userId), FAILED.assignee, true),
        deleting: useAction(() => remove(place)),
    };
}

/** One task of a running incident. Rendered again only when it has changed itself. */
export const TaskRow = memo(function TaskRow({task, incidentId, channelId, stageId, source, assignedTo, isFirst, isLast, isDragged, onGrab, onStep, keepStage}: Props) {
    const {formatMessage} = useIntl();
    const titleId = useDomId('task');
    const [isAsking, setAsking] = useState(false);
    const element = useRef<HTMLDivElement>(null);
    const formKey = taskFormKey(incidentId, stageId, task.id);
    const isEdited = useTaskForm(formKey) !== undefined;
    const isFound = useIsFound(isEdited);
    useFocusAfter(isEdited, () => element.current?.querySelector<HTMLElement>('[aria-haspopup=menu]'));
    useFocusNext(element, isAsking);
    useLayoutEffect(() => (isEdited ? keepStage(stageId) : undefined), [isEdited, keepStage, stageId]);
    const place: TaskPlace = {incidentId, channelId, stageId, taskId: task.id};
    const {state, assignee, deleting} = useTaskActions(place);
    const isClosed = task.state === 'closed';
    const isInProgress = task.state === 'in_progress';
    const showIndeterminate = useCallback((box: HTMLInputElement | null) => {
        if (box) {
            box.indeterminate = isInProgress;
        }
    }, [isInProgress]);

    if (isEdited) {
        return (
            <div
                role='listitem'
                data-reorder-id={task.id}
            >
                <TaskForm
                    formKey={formKey}
                    task={task}
                    isFound={isFound}
                    onSave={(draft) => edit(place, draft)}
                />
            </div>
        );
    }

    const failed = [[state, FAILED.state], [assignee, FAILED.assignee]] as const;
    const entries: Array<MenuEntry | false> = [
        {key: 'edit', text: formatMessage({id: 'task.edit', defaultMessage: 'Edit'}), onChoose: () => taskForms.open(formKey, task)},
        !isInProgress && {
            key: 'progress',
            text: formatMessage({id: 'task.begin', defaultMessage: 'Mark as In Progress'}),
            onChoose: () => void state.run('in_progress'),
        },
        isInProgress && {
            key: 'reopen',
            text: formatMessage({id: 'task.reopen', defaultMessage: 'Mark as Not Begun'}),
            onChoose: () => void state.run(''),
        },
        !isFirst && {key: 'up', text: formatMessage({id: 'task.up', defaultMessage: 'Move Up'}), onChoose: () => onStep(task.id, -1)},
        !isLast && {key: 'down', text: formatMessage({id: 'task.down', defaultMessage: 'Move Down'}), onChoose: () => onStep(task.id, 1)},
        {key: 'delete', text: formatMessage({id: 'task.delete', defaultMessage: 'Delete'}), onChoose: () => setAsking(true), isDangerous: true},
    ];
    return (
        <div
            ref={element}
            role='listitem'
            data-reorder-id={task.id}
            data-testid='task'
            className={classes(styles.row, isDragged && styles.dragged)}
        >
            <ReorderHandle
                id={task.id}
                start={onGrab}
                step={onStep}
                label={formatMessage({id: 'task.move', defaultMessage: 'Move the task {title}'}, {title: task.title})}
            />
            <input
                ref={showIndeterminate}
                type='checkbox'
                className={classes('checkbox', choiceStyles.check, styles.checkbox)}
                aria-labelledby={titleId}
                checked={isClosed}
                onChange={() => void state.run(isClosed ? '' : 'closed')}
            />
            <div className={styles.main}>
                <div className={styles.head}>
                    <span
                        id={titleId}
                        className={styles.title}
                        title={task.title}
                    >
                        <Text
                            singleLine={true}
                            text={task.title}
                        />
                    </span>
                    {isInProgress && (
                        <span className={styles.inProgress}>
                            <FormattedMessage
                                id='task.in_progress'
                                defaultMessage='In progress'
                            />
                        </span>
                    )}
                    <TaskDescription task={task}/>
                    {isClosed && <TaskTime task={task}/>}
                    <DotsMenu
                        className={styles.menu}
                        icon='horizontal'
                        label={formatMessage({id: 'task.menu', defaultMessage: 'More for the task {title}'}, {title: task.title})}
                        entries={entries.filter((entry): entry is MenuEntry => entry !== false)}
                    />
                </div>
                {task.command.trim() && (
                    <TaskCommand
                        task={task}
                        place={place}
                    />
                )}
                <TaskAssignee
                    {...{task, source, assignedTo}}
                    onAssign={(userId) => void assignee.run(userId)}
                />
                {failed.map(([action, text]) => action.error && (
                    <ErrorNotice
                        key={text.id}
                        error={action.error}
                        onDismiss={action.clear}
                    >
                        {formatMessage(text)}
                    </ErrorNotice>
                ))}
            </div>
            {isAsking && (
                <Confirm
                    isDangerous={true}
                    title={formatMessage({id: 'task.delete_title', defaultMessage: 'Delete this task?'})}
                    confirm={formatMessage({id: 'task.delete_confirm', defaultMessage: 'Delete Task'})}
                    busy={deleting.busy}
                    error={deleting.error}
                    failure={formatMessage({id: 'task.delete_failed', defaultMessage: 'The task could not be deleted.'})}
                    onConfirm={() => void deleting.run()}
                    onCancel={() => {
                        deleting.clear();
                        setAsking(false);
                    }}
                >
                    <FormattedMessage
                        id='task.delete_text'
                        defaultMessage='“{title}” will be removed from this incident for everybody.'
                        values={{title: <bdi key='title'>{task.title}</bdi>}}
                    />
                </Confirm>
            )}
        </div>
    );
});
