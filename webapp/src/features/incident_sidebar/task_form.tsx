import React, {FormEvent, KeyboardEvent, useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/features/incident_sidebar/tasks.module.css';
import {Task, TaskDraft} from 'src/types/incident';
import {LIMITS} from 'src/types/limits';
import {Button} from 'src/ui/button';
import {TextArea, TextField} from 'src/ui/field';
import {ErrorNotice, ShownError} from 'src/ui/notice';

interface Props {
    /** The task to edit; a new one when absent. */
    task?: Task;

    /** It is being saved: nothing can be changed or given up until the answer is there. */
    busy: boolean;
    error?: ShownError;
    onSave: (draft: TaskDraft) => void;
    onCancel: () => void;
}

/** Fields of a task. Enter in a line saves, Escape gives up. */
export function TaskForm({task, busy, error, onSave, onCancel}: Props) {
    const {formatMessage} = useIntl();
    const [title, setTitle] = useState(task?.title ?? '');
    const [command, setCommand] = useState(task?.command ?? '');
    const [description, setDescription] = useState(task?.description ?? '');
    const [tried, setTried] = useState(false);
    const form = useRef<HTMLFormElement>(null);

    // The focus alone would leave the buttons of a form at the end of the list out of sight.
    useEffect(() => {
        // Newer browsers return a promise, which React would call when the form goes.
        void form.current?.scrollIntoView?.({block: 'nearest'});
    }, []);
    const slash = command.trim();
    const titleError = !title.trim() && formatMessage({id: 'task.title_missing', defaultMessage: 'The task needs a name.'});
    const commandError = slash !== '' && !slash.startsWith('/') && formatMessage({id: 'task.command_wrong', defaultMessage: 'A slash command starts with /.'});

    const submit = (event: FormEvent) => {
        event.preventDefault();
        setTried(true);
        if (!titleError && !commandError && !busy) {
            onSave({title: title.trim(), command: slash === '/' ? '' : slash, description: description.trim()});
        }
    };
    const onKeyDown = (event: KeyboardEvent) => {
        if (event.key === 'Escape') {
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
            <TextField
                label={formatMessage({id: 'task.title', defaultMessage: 'Name'})}
                value={title}
                limit={LIMITS.taskTitle}
                autoFocus={true}
                readOnly={busy}
                error={tried && titleError}
                onChange={(event) => setTitle(event.target.value)}
            />
            <TextField
                label={formatMessage({id: 'task.command', defaultMessage: 'Slash command (optional)'})}
                value={command}
                limit={LIMITS.taskCommand}
                placeholder='/'
                readOnly={busy}
                error={tried && commandError}
                onChange={(event) => setCommand(event.target.value)}
            />
            <TextArea
                label={formatMessage({id: 'task.description', defaultMessage: 'Description (optional, Markdown)'})}
                value={description}
                limit={LIMITS.taskDescription}
                readOnly={busy}
                onChange={(event) => setDescription(event.target.value)}
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
                <Button
                    kind='quiet'
                    locked={busy}
                    onClick={onCancel}
                >
                    <FormattedMessage
                        id='ui.cancel'
                        defaultMessage='Cancel'
                    />
                </Button>
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
