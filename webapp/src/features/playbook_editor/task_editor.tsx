import React, {Dispatch, KeyboardEvent, memo, useRef, useState} from 'react';
import {FormattedMessage, IntlShape, useIntl} from 'react-intl';

import {capabilities} from 'src/capabilities/all';
import {CommandField} from 'src/features/playbook_editor/command_field';
import {Counter} from 'src/features/playbook_editor/counter';
import {Draft, DraftTask, Edit} from 'src/playbook/draft';
import styles from 'src/features/playbook_editor/editor.module.css';
import {useSettings} from 'src/features/playbook_editor/use_settings';
import {LIMITS} from 'src/types/limits';
import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {TextArea} from 'src/ui/field';
import {pressedKey} from 'src/host/keys';
import {Text} from 'src/people/text';
import {GuardedPart, preload} from 'src/ui/lazy_page';
import {DotsMenu, MenuEntry} from 'src/ui/menu';
import {Confirm} from 'src/ui/modal';
import {Reorder, ReorderHandle} from 'src/ui/reorder';

export interface RowTools {
    dispatch: Dispatch<Edit>;
    startDrag: Reorder['start'];

    /** Moves a row one place; its grip keeps the focus. */
    step: (key: string, by: number) => void;

    /** Takes a row out of the playbook; the focus stays near. */
    remove: (key: string) => void;
}

interface Props extends RowTools {
    task: DraftTask;
    teamId: string;

    /** What capabilities keep in the playbook. */
    own: Draft['own'];
    suggestions: 'top' | 'bottom';
    isDragged: boolean;

    /** What is dragged would fall above it. */
    isBelowDrop: boolean;

    /** Just added by the user. */
    isNew: boolean;

    /** There is a place above it, and below. */
    mayRise: boolean;
    maySink: boolean;
}

const settings = capabilities.flatMap(({taskSetting}) => taskSetting ?? []);
preload(settings.map(({load}) => load));

/** The entries of a row's menu that move it; none that would do nothing. */
export function stepEntries(formatMessage: IntlShape['formatMessage'], mayRise: boolean, maySink: boolean, step: (by: number) => void): MenuEntry[] {
    const up = {key: 'up', text: formatMessage({id: 'editor.up', defaultMessage: 'Move Up'}), onChoose: () => step(-1)};
    const down = {key: 'down', text: formatMessage({id: 'editor.down', defaultMessage: 'Move Down'}), onChoose: () => step(1)};
    return [...(mayRise ? [up] : []), ...(maySink ? [down] : [])];
}

function DescriptionField({task, dispatch}: Pick<Props, 'task' | 'dispatch'>) {
    const {formatMessage} = useIntl();
    const [isOpen, setOpen] = useState(task.description.trim() !== '');
    const [isNew, setNew] = useState(false);
    const [isPreview, setPreview] = useState(false);
    if (!isOpen && task.description.trim() === '') {
        return (
            <button
                type='button'
                className={styles.add}
                onClick={() => {
                    setOpen(true);
                    setNew(true);
                }}
            >
                <FormattedMessage
                    id='editor.add_description'
                    defaultMessage='Add a Description (optional)'
                />
            </button>
        );
    }
    return (
        <div className={styles.description}>
            {isPreview ? (
                <Text
                    text={task.description}
                    className={styles.preview}
                />
            ) : (
                <TextArea
                    label={formatMessage({id: 'editor.description', defaultMessage: 'Description'})}
                    limit={LIMITS.taskDescription}
                    value={task.description}
                    autoFocus={isNew}
                    onChange={(event) => dispatch({type: 'set_task', task: task.key, values: {description: event.target.value}})}
                />
            )}
            <Button
                kind='quiet'
                aria-pressed={isPreview}
                onClick={() => {
                    setNew(false);
                    setPreview(!isPreview);
                }}
            >
                <FormattedMessage
                    id='editor.preview'
                    defaultMessage='Preview'
                />
            </Button>
            <Button
                kind='quiet'
                onClick={() => {
                    setOpen(false);
                    setPreview(false);
                    dispatch({type: 'set_task', task: task.key, values: {description: ''}});
                }}
            >
                <FormattedMessage
                    id='editor.remove_description'
                    defaultMessage='Remove the Description'
                />
            </Button>
        </div>
    );
}

/** One task of the editor. */
export const TaskEditor = memo(function TaskEditor({
    task, teamId, own, suggestions, isDragged, isBelowDrop, isNew, mayRise, maySink, dispatch, startDrag, step, remove: removeRow,
}: Props) {
    const {formatMessage} = useIntl();
    const [isAsking, setAsking] = useState(false);
    const before = useRef(task.title);
    const added = useSettings(settings, ({isShown}) => isShown(task, own));
    const name = task.title.trim() || formatMessage({id: 'editor.unnamed_task', defaultMessage: 'task without a name'});
    const remove = () => removeRow(task.key);
    const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
        if (['Enter', 'Escape'].includes(pressedKey(event))) {
            event.preventDefault();
            event.currentTarget.blur();
        }
    };
    return (
        <div
            data-reorder-id={task.key}
            data-drop={isBelowDrop ? 'before' : undefined}
            className={classes(styles.task, isDragged && styles.dragged)}
        >
            <ReorderHandle
                id={task.key}
                start={startDrag}
                step={step}
                label={formatMessage({id: 'editor.move', defaultMessage: 'Move {name}'}, {name})}
            />
            <div className={styles.taskFields}>
                <div className={styles.taskLine}>
                    <input
                        type='text'
                        className={styles.field}
                        aria-label={formatMessage({id: 'editor.task_name', defaultMessage: 'Task Name'})}
                        placeholder={formatMessage({id: 'editor.task_name', defaultMessage: 'Task Name'})}
                        autoFocus={isNew}
                        dir={task.title ? 'auto' : undefined}
                        value={task.title}
                        maxLength={LIMITS.taskTitle}
                        onFocus={() => {
                            before.current = task.title;
                        }}
                        onChange={(event) => dispatch({type: 'set_task', task: task.key, values: {title: event.target.value}})}
                        onBlur={() => {
                            if (task.title.trim() === '' && before.current.trim() !== '') {
                                dispatch({type: 'set_task', task: task.key, values: {title: before.current}});
                            }
                        }}
                        onKeyDown={onKeyDown}
                    />
                    <CommandField
                        label={formatMessage({id: 'editor.command_of', defaultMessage: 'Slash command of {name}'}, {name})}
                        command={task.command}
                        suggestions={suggestions}
                        onChange={(command) => dispatch({type: 'set_task', task: task.key, values: {command}})}
                    />
                </div>
                <Counter
                    used={task.title.length}
                    limit={LIMITS.taskTitle}
                />
                <DescriptionField
                    task={task}
                    dispatch={dispatch}
                />
                {added.shown.map((setting) => (
                    <GuardedPart
                        key={setting.key}
                        load={setting.load}
                        props={{teamId, task, name, own, dispatch, isNew: added.isNew(setting)}}
                    />
                ))}
            </div>
            <DotsMenu
                className={styles.taskMenu}
                label={formatMessage({id: 'editor.actions', defaultMessage: 'Actions for {name}'}, {name})}
                entries={[
                    ...stepEntries(formatMessage, mayRise, maySink, (by) => step(task.key, by)),
                    ...added.entries,
                    {
                        key: 'delete',
                        text: formatMessage({id: 'editor.delete_task', defaultMessage: 'Delete Task'}),
                        isDangerous: true,
                        onChoose: () => (task.title.trim() || task.command || task.description.trim() ? setAsking(true) : remove()),
                    },
                ]}
            />
            {isAsking && (
                <Confirm
                    title={formatMessage({id: 'editor.delete_task_title', defaultMessage: 'Delete this task?'})}
                    confirm={formatMessage({id: 'editor.delete_task', defaultMessage: 'Delete Task'})}
                    isDangerous={true}
                    onConfirm={remove}
                    onCancel={() => setAsking(false)}
                >
                    <FormattedMessage
                        id='editor.delete_task_text'
                        defaultMessage='“{name}” will be taken out of the playbook.'
                        values={{name}}
                    />
                </Confirm>
            )}
        </div>
    );
});
