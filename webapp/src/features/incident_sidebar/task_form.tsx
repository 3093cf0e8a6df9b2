import React, {FormEvent, KeyboardEvent, ReactNode, useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {TaskFormState, taskForms, useTaskForm} from 'src/store/task_forms';
import styles from 'src/features/incident_sidebar/tasks.module.css';
import {TaskDraft} from 'src/types/incident';
import {LIMITS} from 'src/types/limits';
import {Button, CancelButton} from 'src/ui/button';
import {TextArea, TextField} from 'src/ui/field';
import {pressedKey} from 'src/host/keys';
import {ErrorNotice} from 'src/ui/notice';

const CLOSED: TaskFormState = {before: {title: '', command: '', description: ''}, typed: {}, busy: false};

interface Props {
    /** Names the form, which has to be open. */
    formKey: string;

    /** The task to edit; a new one when absent. */
    task?: TaskDraft;

    /** It was open already when it came on the screen: the user is busy elsewhere. */
    isFound: boolean;
    onSave: (draft: TaskDraft) => Promise<void>;

    /** Said above the fields. */
    children?: ReactNode;
}

/** Whether an open form has been so since before its place came on the screen. */
export function useIsFound(isOpen: boolean): boolean {
    const isFound = useRef(isOpen);
    isFound.current &&= isOpen;
    return isFound.current;
}

/** Puts the focus where the form was opened when it is closed, unless the user has put it elsewhere meanwhile. */
export function useFocusAfter(isOpen: boolean, opener: () => HTMLElement | null | undefined): void {
    const wasOpen = useRef(isOpen);
    useEffect(() => {
        if (wasOpen.current && !isOpen && document.activeElement === document.body) {
            opener()?.focus();
        }
        wasOpen.current = isOpen;
    });
}

/**
 * Fields of a task. Enter in a line saves, Escape gives up. While it is saved nothing can be changed or given up until the
 * answer is there.
 */
export function TaskForm({formKey, task, isFound, onSave, children}: Props) {
    const {formatMessage} = useIntl();
    const {before, typed, busy, error} = useTaskForm(formKey) ?? CLOSED;
    const {title, command, description} = {...before, ...task, ...typed};
    const [tried, setTried] = useState(false);
    const form = useRef<HTMLFormElement>(null);

    // The focus alone would leave the buttons of a form at the end of the list out of sight.
    useEffect(() => {
        if (!isFound) {
            // Newer browsers return a promise, which React would call when the form goes.
            void form.current?.scrollIntoView?.({block: 'nearest'});
        }
        // eslint-disable-next-line react-hooks/exhaustive-deps -- only when it comes on the screen
    }, []);
    const onCancel = () => taskForms.close(formKey);
    const slash = command.trim();
    const titleError = !title.trim() && formatMessage({id: 'task.title_missing', defaultMessage: 'The task needs a name.'});
    const commandError = slash !== '' && !slash.startsWith('/') && formatMessage({id: 'task.command_wrong', defaultMessage: 'A slash command starts with /.'});

    const submit = (event: FormEvent) => {
        event.preventDefault();
        setTried(true);
        if (!titleError && !commandError && !busy) {
            const draft = {title: title.trim(), command: slash === '/' ? '' : slash, description: description.trim()};
            void taskForms.save(formKey, () => onSave(draft));
        }
    };
    const onKeyDown = (event: KeyboardEvent) => {
        if (pressedKey(event) === 'Escape') {
            event.stopPropagation();
            if (!busy) {
                onCancel();
            }
        }
    };
    return (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape leaves the form from each of its fields
        <form
            ref={form}
            className={styles.form}
            aria-label={task ? formatMessage({id: 'task.edit_form', defaultMessage: 'Edit the task'}) : formatMessage({id: 'task.new_form', defaultMessage: 'New task'})}
            onSubmit={submit}
            onKeyDown={onKeyDown}
        >
            {children}
            <TextField
                label={formatMessage({id: 'task.title', defaultMessage: 'Name'})}
                value={title}
                limit={LIMITS.taskTitle}
                autoFocus={!isFound}
                readOnly={busy}
                error={tried && titleError}
                onChange={(event) => taskForms.type(formKey, {title: event.target.value})}
            />
            <TextField
                label={formatMessage({id: 'task.command', defaultMessage: 'Slash command (optional)'})}
                value={command}
                limit={LIMITS.taskCommand}
                placeholder='/'
                readOnly={busy}
                error={commandError}
                onChange={(event) => taskForms.type(formKey, {command: event.target.value})}
            />
            <TextArea
                label={formatMessage({id: 'task.description', defaultMessage: 'Description (optional, Markdown)'})}
                value={description}
                limit={LIMITS.taskDescription}
                readOnly={busy}
                onChange={(event) => taskForms.type(formKey, {description: event.target.value})}
            />
            {error && (
                <ErrorNotice error={error}>
                    <FormattedMessage
                        id='task.save_failed'
                        defaultMessage='The task could not be saved.'
                    />
                </ErrorNotice>
            )}
            <div className={styles.formButtons}>
                <CancelButton
                    locked={busy}
                    onClick={onCancel}
                />
                <Button
                    kind='primary'
                    type='submit'
                    busy={busy}
                >
                    <FormattedMessage
                        id='task.save'
                        defaultMessage='Save'
                    />
                </Button>
            </div>
        </form>
    );
}
