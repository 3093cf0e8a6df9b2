import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import ChevronRight from '@mattermost/compass-icons/components/chevron-right';
import React, {Dispatch, memo, useCallback, useLayoutEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {capabilities} from 'src/capabilities/all';
import {BELOW_ALL, Collapsed, Draft, DraftStage, dropEdit, dropPlace, Edit, endOf, newStage, newTask, rowsOf, stepEdit} from 'src/playbook/draft';
import styles from 'src/features/playbook_editor/editor.module.css';
import {InlineText} from 'src/features/playbook_editor/inline_text';
import {RowTools, stepEntries, TaskEditor} from 'src/features/playbook_editor/task_editor';
import {useSettings} from 'src/features/playbook_editor/use_settings';
import {LIMITS} from 'src/types/limits';
import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import {GuardedPart} from 'src/ui/lazy_page';
import {announce} from 'src/ui/live_region';
import {DotsMenu} from 'src/ui/menu';
import {Confirm} from 'src/ui/modal';
import {ReorderHandle, useReorder} from 'src/ui/reorder';

interface StageProps extends RowTools {
    stage: DraftStage;
    teamId: string;
    own: Draft['own'];
    isFirst: boolean;
    isLast: boolean;
    isCollapsed: boolean;
    dragged: string | undefined;

    /** Where the dragged row would fall. */
    place: string | undefined;
    newest: string | undefined;
    mayAdd: boolean;
    onAdd: (stage: string) => void;
    onCollapse: (stage: string, isCollapsed: boolean) => void;
    onTyping: (edit: Edit | undefined) => void;
}

const settings = capabilities.flatMap(({stageSetting}) => stageSetting ?? []);

const hasContent = (stage: DraftStage) => stage.tasks.some(({title, command, description}) => title.trim() || command || description.trim());

const StageEditor = memo(function StageEditor({
    stage, teamId, own, isFirst, isLast, isCollapsed, dragged, place, newest, mayAdd, onAdd, onCollapse, onTyping, dispatch, startDrag, step, remove: removeRow,
}: StageProps) {
    const {formatMessage} = useIntl();
    const [isAsking, setAsking] = useState(false);
    const added = useSettings(settings, ({isSet}) => isSet(stage));
    const remove = () => removeRow(stage.key);
    return (
        <section
            className={styles.stage}
            aria-label={stage.title}
        >
            <div
                data-reorder-id={stage.key}
                data-drop={(place === stage.key && 'before') || (isCollapsed && place === endOf(stage.key) && 'after') || undefined}
                className={classes(styles.stageHead, dragged === stage.key && styles.dragged)}
            >
                <ReorderHandle
                    id={stage.key}
                    start={startDrag}
                    step={step}
                    label={formatMessage({id: 'editor.move_stage', defaultMessage: 'Move the stage {name}'}, {name: stage.title})}
                />
                <Button
                    kind='icon'
                    aria-expanded={!isCollapsed}
                    aria-label={formatMessage({id: 'editor.collapse', defaultMessage: 'Tasks of {name}'}, {name: stage.title})}
                    onClick={() => onCollapse(stage.key, !isCollapsed)}
                >
                    <Icon of={isCollapsed ? ChevronRight : ChevronDown}/>
                </Button>
                <InlineText
                    label={formatMessage({id: 'editor.stage_name', defaultMessage: 'Name of the stage'})}
                    value={stage.title}
                    placeholder={formatMessage({id: 'editor.untitled_stage', defaultMessage: 'Untitled Stage'})}
                    limit={LIMITS.stageTitle}
                    onCommit={(title) => dispatch({type: 'name_stage', stage: stage.key, title})}
                    onTyping={(title) => onTyping(title === undefined ? undefined : {type: 'name_stage', stage: stage.key, title})}
                    className={styles.stageName}
                />
                <DotsMenu
                    label={formatMessage({id: 'editor.stage_actions', defaultMessage: 'Actions for the stage {name}'}, {name: stage.title})}
                    className={styles.stageMenu}
                    entries={[
                        ...stepEntries(formatMessage, !isFirst, !isLast, (by) => step(stage.key, by)),
                        ...added.entries,
                        {
                            key: 'delete',
                            text: formatMessage({id: 'editor.remove_stage', defaultMessage: 'Remove Stage'}),
                            isDangerous: true,
                            onChoose: () => (hasContent(stage) ? setAsking(true) : remove()),
                        },
                    ]}
                />
            </div>
            {added.shown.map((setting) => (
                <GuardedPart
                    key={setting.key}
                    load={setting.load}
                    props={{stage, dispatch, isNew: added.isNew(setting)}}
                />
            ))}
            {!isCollapsed && (
                <>
                    {stage.tasks.map((task, index) => (
                        <TaskEditor
                            key={task.key}
                            {...{task, teamId, own}}
                            suggestions={isFirst && index === 0 ? 'bottom' : 'top'}
                            isDragged={dragged === task.key}
                            isBelowDrop={place === task.key}
                            isNew={newest === task.key}
                            mayRise={!isFirst || index > 0}
                            maySink={!isLast || index < stage.tasks.length - 1}
                            {...{dispatch, startDrag, step}}
                            remove={removeRow}
                        />
                    ))}
                    <button
                        type='button'
                        className={stage.tasks.length ? styles.add : styles.emptyStage}
                        data-drop={place === endOf(stage.key) ? 'before' : undefined}
                        disabled={!mayAdd}
                        onClick={() => onAdd(stage.key)}
                    >
                        {stage.tasks.length ? (
                            <FormattedMessage
                                id='editor.new_task'
                                defaultMessage='+ New Task'
                            />
                        ) : (
                            <FormattedMessage
                                id='editor.empty_stage'
                                defaultMessage='No tasks here. Drop one, or click to add one.'
                            />
                        )}
                    </button>
                </>
            )}
            {isAsking && (
                <Confirm
                    title={formatMessage({id: 'editor.remove_stage_title', defaultMessage: 'Remove this stage?'})}
                    confirm={formatMessage({id: 'editor.remove_stage', defaultMessage: 'Remove Stage'})}
                    isDangerous={true}
                    onConfirm={remove}
                    onCancel={() => setAsking(false)}
                >
                    <FormattedMessage
                        id='editor.remove_stage_text'
                        defaultMessage='“{name}” and its tasks will be taken out of the playbook.'
                        values={{name: <bdi key='name'>{stage.title}</bdi>}}
                    />
                </Confirm>
            )}
        </section>
    );
});

interface Props {
    teamId: string;
    draft: Draft;
    dispatch: Dispatch<Edit>;

    /** Called with the draft as it would be with the title that is being typed, and with undefined afterwards. */
    onTyping: (edit: Edit | undefined) => void;
}

/** Stages and tasks of the playbook. */
export function StagesTab({teamId, draft, dispatch, onTyping}: Props) {
    const {formatMessage} = useIntl();
    const [newest, setNewest] = useState<string>();
    const adder = useRef<HTMLButtonElement>(null);
    const latest = useRef(draft);
    useLayoutEffect(() => {
        latest.current = draft;
    });
    const [collapsed, setCollapsed] = useState<Collapsed>(new Set());
    const onCollapse = useCallback((stage: string, isCollapsed: boolean) => setCollapsed((old) => {
        const others = [...old].filter((key) => key !== stage);
        return new Set(isCollapsed ? [...others, stage] : others);
    }), []);

    /** Moves a row; a stage that gets a task opens, to show it. */
    const move = useCallback((change: Edit) => {
        dispatch(change);
        if (change.type === 'move_task') {
            onCollapse(change.stage, false);
        }
    }, [dispatch, onCollapse]);
    const {drag, containerRef, start} = useReorder({
        ids: rowsOf(draft, collapsed),
        onMove: (key, to) => move(dropEdit(latest.current, collapsed, key, to)),
    });

    // What is moved or removed in the document loses the focus.
    const focusRow = useCallback((key: string | undefined) => {
        window.setTimeout(() => {
            const rows = containerRef.current?.querySelectorAll<HTMLElement>('[data-reorder-id]') ?? [];
            const row = [...rows].find(({dataset}) => dataset.reorderId === key);
            (row?.querySelector<HTMLElement>('[data-reorder-handle]') ?? adder.current)?.focus();
        });
    }, [containerRef]);
    const step = useCallback((key: string, by: number) => {
        const {stages} = latest.current;
        const at = stages.findIndex((stage) => stage.key === key);
        if (at >= 0) {
            const to = at + by;
            if (to < 0 || to >= stages.length) {
                return;
            }
            dispatch({type: 'move_stage', stage: key, to});
            announce(formatMessage({id: 'ui.reorder.moved', defaultMessage: 'Moved to position {position} of {count}'}, {position: to + 1, count: stages.length}));
        } else {
            const change = stepEdit(latest.current, key, by < 0 ? -1 : 1);
            if (!change) {
                return;
            }
            move(change);
            announce(formatMessage(
                {id: 'editor.moved_task', defaultMessage: 'Moved to position {position} of the stage {stage}'},
                {position: change.to + 1, stage: stages.find((stage) => stage.key === change.stage)?.title},
            ));
        }
        focusRow(key);
    }, [dispatch, formatMessage, move, focusRow]);

    /** Removes a stage or task; the focus goes to the task that takes its place, else to what stands above. */
    const remove = useCallback((key: string) => {
        const {stages} = latest.current;
        const at = stages.findIndex((stage) => stage.key === key);
        if (at >= 0) {
            dispatch({type: 'remove_stage', stage: key});
            focusRow((stages[at + 1] ?? stages[at - 1])?.key);
            return;
        }
        const stage = stages.find(({tasks}) => tasks.some((task) => task.key === key));
        const tasks = stage?.tasks ?? [];
        const index = tasks.findIndex((task) => task.key === key);
        dispatch({type: 'remove_task', task: key});
        focusRow((tasks[index + 1] ?? tasks[index - 1] ?? stage)?.key);
    }, [dispatch, focusRow]);

    const onAdd = useCallback((stage: string) => {
        const task = newTask();
        setNewest(task.key);
        dispatch({type: 'add_task', stage, task});
    }, [dispatch]);
    const addStage = () => {
        const stage = newStage(formatMessage({id: 'editor.new_stage_title', defaultMessage: 'New stage'}));
        setNewest(stage.tasks[0]?.key);
        dispatch({type: 'add_stage', stage});
    };
    const taskCount = draft.stages.reduce((sum, {tasks}) => sum + tasks.length, 0);
    const isFull = draft.stages.length >= LIMITS.stages || taskCount >= LIMITS.tasks;
    const place = drag && drag.to !== drag.from ? dropPlace(draft, collapsed, drag.id, drag.to) : undefined;
    return (
        <div ref={containerRef}>
            {draft.stages.map((stage, index) => (
                <StageEditor
                    key={stage.key}
                    {...{stage, teamId}}
                    own={draft.own}
                    isFirst={index === 0}
                    isLast={index === draft.stages.length - 1}
                    isCollapsed={collapsed.has(stage.key)}
                    dragged={drag?.id}
                    place={place}
                    newest={newest}
                    mayAdd={taskCount < LIMITS.tasks}
                    onAdd={onAdd}
                    startDrag={start}
                    {...{dispatch, step, remove, onCollapse, onTyping}}
                />
            ))}
            <Button
                ref={adder}
                kind='quiet'
                data-drop={place === BELOW_ALL ? 'before' : undefined}
                disabled={isFull}
                onClick={addStage}
            >
                <FormattedMessage
                    id='editor.new_stage'
                    defaultMessage='+ New Stage'
                />
            </Button>
            <div role='status'>
                {isFull && (
                    <p className={styles.hint}>
                        <FormattedMessage
                            id='editor.full'
                            defaultMessage='A playbook has at most {stages, plural, one {# stage} other {# stages}} and {tasks, plural, one {# task} other {# tasks}}.'
                            values={{stages: LIMITS.stages, tasks: LIMITS.tasks}}
                        />
                    </p>
                )}
            </div>
        </div>
    );
}
