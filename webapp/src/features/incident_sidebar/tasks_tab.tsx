import Plus from '@mattermost/compass-icons/components/plus';
import React, {useCallback, useLayoutEffect, useMemo, useRef, useState} from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {moved} from 'src/store/merge';
import {add, move} from 'src/store/incident_changes';
import {useObserved} from 'src/query/observable';
import {peopleOf} from 'src/store/members';
import {taskFormKey, taskForms, useTaskForm} from 'src/store/task_forms';
import {Footer} from 'src/features/incident_sidebar/footer';
import {activeStage} from 'src/incident/progress';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {StageBlock} from 'src/features/incident_sidebar/stage_block';
import {StageChooser} from 'src/features/incident_sidebar/stage_chooser';
import {isIn, keepTaskFilter, keptTaskFilter, TaskFilter, TaskFilters} from 'src/features/incident_sidebar/task_filter';
import {TaskForm, useFocusAfter, useIsFound} from 'src/features/incident_sidebar/task_form';
import {TaskRow} from 'src/features/incident_sidebar/task_row';
import taskStyles from 'src/features/incident_sidebar/tasks.module.css';
import {useProgressive} from 'src/features/incident_sidebar/use_progressive';
import {currentUserId} from 'src/host/store';
import {assignedRole, isAssignedInAdvance} from 'src/incident/assignment';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {Incident, Stage, Task} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {ErrorNotice} from 'src/ui/notice';
import {useReorder} from 'src/ui/reorder';

const MOVE_FAILED = defineMessage({id: 'tasks.move_failed', defaultMessage: 'The task could not be moved.'});

interface StageProps {
    incident: Incident;
    stage: Stage;

    /** Keeps the stage on the screen while a form is open in it; returns the end of that. */
    keepStage: (stageId: string) => () => void;
}

function TaskList({incident, stage, isShown, keepStage}: StageProps & {isShown: (task: Task) => boolean}) {
    const intl = useIntl();
    const {id: incidentId, channel_id: channelId, team_id: teamId} = incident;
    const {id: stageId} = stage;

    // A form that is open stays, whatever the filter is.
    const edited = useObserved(taskForms, () => taskForms.tasksIn(incidentId, stageId).join());
    const items = useMemo(() => {
        const ids = edited.split(',');
        return stage.items.filter((task) => isShown(task) || ids.includes(task.id));
    }, [stage.items, edited, isShown]);
    const source = useMemo(() => peopleOf({team_id: teamId, in_channel: channelId}), [teamId, channelId]);
    const ordering = useActionWithToast((taskId: string, to: number) => move({channelId, incidentId, stageId, taskId}, to), MOVE_FAILED, true);

    // A place among the tasks that are shown is that of the task which has it.
    const moveTo = (id: string, to: number) => void ordering.run(id, stage.items.findIndex((task) => task.id === items[to]?.id));
    const ids = useMemo(() => items.map(({id}) => id), [items]);
    const {drag, containerRef, start, step} = useReorder({ids, onMove: moveTo});
    const shown = drag ? moved(items, drag.from, drag.to) : items;
    const count = useProgressive(shown.length);
    return (
        <>
            {ordering.error && (
                <ErrorNotice
                    error={ordering.error}
                    onDismiss={ordering.clear}
                >
                    <FormattedMessage {...MOVE_FAILED}/>
                </ErrorNotice>
            )}
            <div
                ref={containerRef}
                role='list'
                className={`checklist ${taskStyles.list}`}
            >
                {shown.slice(0, count).map((task, index) => (
                    <TaskRow
                        key={task.id}
                        task={task}
                        incidentId={incidentId}
                        channelId={channelId}
                        stageId={stageId}
                        source={source}
                        assignedTo={assignedRole(intl, task, incident)}
                        isFirst={index === 0}
                        isLast={index === shown.length - 1}
                        isDragged={drag?.id === task.id}
                        onGrab={start}
                        onStep={step}
                        keepStage={keepStage}
                    />
                ))}
            </div>
        </>
    );
}

function NewTask({incident, stage, keepStage, onAdded}: StageProps & {onAdded: () => void}) {
    const opener = useRef<HTMLButtonElement>(null);
    const formKey = taskFormKey(incident.id, stage.id);
    const isOpen = useTaskForm(formKey) !== undefined;
    const isFound = useIsFound(isOpen);
    useFocusAfter(isOpen, () => opener.current);
    useLayoutEffect(() => (isOpen ? keepStage(stage.id) : undefined), [isOpen, keepStage, stage.id]);
    if (!isOpen) {
        return (
            <Button
                ref={opener}
                kind='quiet'
                className={styles.flushButton}
                data-testid='add-task'
                onClick={() => taskForms.open(formKey)}
            >
                <Icon
                    of={Plus}
                    size={18}
                />
                <FormattedMessage
                    id='tasks.add'
                    defaultMessage='Add a Task'
                />
            </Button>
        );
    }
    return (
        <TaskForm
            formKey={formKey}
            isFound={isFound}
            onSave={async (draft) => {
                await add(incident, stage.id, draft);
                onAdded();
            }}
        />
    );
}

/** The forms of tasks that somebody has deleted meanwhile: what is typed in them can still become a new task. */
function FormsOfDeleted({incident, stage}: Omit<StageProps, 'keepStage'>) {
    const ids = useObserved(taskForms, () => taskForms.tasksIn(incident.id, stage.id).filter((id) => stage.items.every((task) => task.id !== id)).join());
    return (
        <>
            {ids.split(',').filter(Boolean).map((id) => (
                <TaskForm
                    key={id}
                    formKey={taskFormKey(incident.id, stage.id, id)}
                    isFound={true}
                    onSave={(draft) => add(incident, stage.id, draft)}
                >
                    <ErrorNotice>
                        <FormattedMessage
                            id='task.deleted_meanwhile'
                            defaultMessage='Somebody has deleted this task. If you save it, it becomes a new one.'
                        />
                    </ErrorNotice>
                </TaskForm>
            ))}
        </>
    );
}

/** The tasks of one stage, the current one unless another was chosen to look at. */
export function TasksTab({incident}: {incident: Incident}) {
    const {formatMessage} = useIntl();
    const [chosenId, setChosenId] = useState(() => incident.checklists.find(({id}) => taskForms.isAnyOpen(incident.id, id))?.id ?? '');
    const current = activeStage(incident);
    const chosen = incident.checklists.find(({id}) => id === chosenId);
    const stage = chosen ?? current;
    const currentId = useRef(current?.id);
    currentId.current = current?.id;
    const me = useSelector(currentUserId);
    const [kept, setKept] = useState(() => keptTaskFilter(me));
    const hasFilters = isAssignedInAdvance(incident);
    const filter = hasFilters ? kept : 'all';
    const isShown = useMemo(() => isIn(filter, me), [filter, me]);
    const setFilter = (next: TaskFilter) => {
        setKept(next);
        keepTaskFilter(me, next);
    };
    const choose = useCallback((id: string) => setChosenId(id === currentId.current ? '' : id), []);
    const forms = useRef(0);
    const keepStage = useCallback((id: string) => {
        forms.current++;
        setChosenId(id);
        return () => {
            forms.current--;
            if (forms.current === 0) {
                setChosenId((now) => (now === currentId.current ? '' : now));
            }
        };
    }, []);
    return (
        <>
            <div className={`scrollbar--view ${styles.scroll}`}>
                <div className={styles.content}>
                    <StageBlock incident={incident}/>
                    {stage ? (
                        <section aria-label={stage.title}>
                            <StageChooser
                                incident={incident}
                                stage={stage}
                                isCurrent={stage === current}
                                onChoose={choose}
                            />
                            {hasFilters && (
                                <TaskFilters
                                    {...{incident, stage, filter}}
                                    userId={me}
                                    onFilter={setFilter}
                                />
                            )}
                            <TaskList
                                key={stage.id}
                                isShown={isShown}
                                incident={incident}
                                stage={stage}
                                keepStage={keepStage}
                            />
                            <FormsOfDeleted
                                incident={incident}
                                stage={stage}
                            />
                            <NewTask
                                key={`new-${stage.id}`}
                                onAdded={() => filter === 'mine' && setFilter('all')}
                                incident={incident}
                                stage={stage}
                                keepStage={keepStage}
                            />
                        </section>
                    ) : (
                        <p className={styles.muted}>
                            {formatMessage({id: 'tasks.no_stages', defaultMessage: 'This incident has no stages and no tasks.'})}
                        </p>
                    )}
                </div>
            </div>
            <Footer incident={incident}/>
        </>
    );
}
