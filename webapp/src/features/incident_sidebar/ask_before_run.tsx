import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {useUser} from 'src/store/users';
import styles from 'src/features/incident_sidebar/tasks.module.css';
import {Person} from 'src/people/person';
import {Task} from 'src/types/incident';
import {Confirm} from 'src/ui/modal';
import {Ago, isTime} from 'src/ui/time';

/** Whether the user has neither written this command nor run this very text before. Who is unknown is somebody else. */
export function isForeign(task: Task, me: string): boolean {
    const {command_last_editor_id: editor = '', command_edited_at: edited = 0, command_last_runner_id: runner = '', command_last_run: run} = task;
    return editor !== me && !(runner === me && run >= edited);
}

// Characters without a shape, and those that reverse what follows, would hide what is run.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** The text with its hidden characters written out, as `[U+202E]`. */
export const withoutHidden = (text: string) =>
    text.replace(HIDDEN, (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);

function Writer({task}: {task: Task}) {
    const {command_last_editor_id: editor = '', command_edited_at: edited = 0} = task;
    const user = useUser(editor);
    if (!editor) {
        return (
            <FormattedMessage
                id='task.ask_run_unknown'
                defaultMessage='It is not known who wrote it.'
            />
        );
    }
    return (
        <>
            <FormattedMessage
                id='task.ask_run_writer'
                defaultMessage='Written by {person}'
                values={{person: <Person
                    key='person'
                    userId={editor}
                />}}
            />
            {user && <bdi>{` (@${user.username})`}</bdi>}
            {isTime(edited) && <>{', '}<Ago at={edited}/></>}
        </>
    );
}

interface Props {
    /** As it is shown: what is confirmed is this text. */
    task: Task;
    onRun: () => void;
    onCancel: () => void;
}

/** Shows the whole command of a task and who wrote it before it is run in the user's name. */
export function AskBeforeRun({task, onRun, onCancel}: Props) {
    const {formatMessage} = useIntl();
    return (
        <Confirm
            isCareful={true}
            title={formatMessage({id: 'task.ask_run_title', defaultMessage: 'Run this command as yourself?'})}
            confirm={formatMessage({id: 'task.ask_run_confirm', defaultMessage: 'Run Command'})}
            onConfirm={onRun}
            onCancel={onCancel}
        >
            <p>
                <FormattedMessage
                    id='task.ask_run_text'
                    defaultMessage='It runs in your name, with your permissions. You have not written it, and not run it as it is now.'
                />
            </p>
            <pre
                className={styles.wholeCommand}
                dir='ltr'
                data-testid='whole-command'
                // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reachable by keyboard
                tabIndex={0}
            >
                {withoutHidden(task.command)}
            </pre>
            <p data-testid='command-writer'><Writer task={task}/></p>
        </Confirm>
    );
}
