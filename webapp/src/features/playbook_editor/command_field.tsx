import Trash from '@mattermost/compass-icons/components/trash-can-outline';
import React, {ChangeEvent, ComponentType, KeyboardEvent, useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {Counter} from 'src/features/playbook_editor/counter';
import styles from 'src/features/playbook_editor/editor.module.css';
import {currentChannelId} from 'src/host/store';
import {LIMITS} from 'src/types/limits';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {useDomId} from 'src/ui/ids';
import {pressedKey} from 'src/host/keys';

type Field = HTMLInputElement | HTMLTextAreaElement;

/** The host's text box with suggestions: the props that are used. */
interface HostTextboxProps {
    id: string;
    channelId: string;
    value: string;
    onChange: (event: ChangeEvent<Field>) => void;
    onKeyPress: (event: KeyboardEvent<Field>) => void;
    onKeyDown: (event: KeyboardEvent<Field>) => void;
    onBlur: () => void;
    createMessage: string;
    characterLimit: number;

    /** Its own area shows the placeholder beside the field, where neither automation nor our styles expect it. */
    inputComponent: 'input';
    supportsCommands: boolean;
    suggestionListStyle: 'top' | 'bottom';

    /** What clients from 6.0 call suggestionListStyle. */
    suggestionListPosition: 'top' | 'bottom';
    useChannelMentions: boolean;
    openWhenEmpty: boolean;
}

declare global {
    interface Window {
        Components?: {Textbox?: ComponentType<HostTextboxProps>};
    }
}

interface Props {
    /** Names the task. */
    label: string;
    command: string;
    suggestions: 'top' | 'bottom';
    onChange: (command: string) => void;
}

const isNothing = (command: string) => command.trim() === '' || command.trim() === '/';

/** The slash command of a task, with the suggestions of the host where it offers its text box. */
export function CommandField({label, command, suggestions, onChange}: Props) {
    const {formatMessage} = useIntl();
    const channelId = useSelector(currentChannelId);
    const id = useDomId('command');
    const frame = useRef<HTMLDivElement>(null);
    const [isOpen, setOpen] = useState(command !== '');
    const [isNew, setNew] = useState(false);
    const opener = useRef<HTMLButtonElement>(null);
    const giveFocusBack = useRef(false);

    const field = () => frame.current?.querySelector<Field>('input, textarea');
    useEffect(() => {
        const at = field();
        if (isOpen && isNew && at) {
            at.setAttribute('aria-label', label);
            // Hosts suggest for what stands before the cursor when the focus comes.
            at.setSelectionRange(at.value.length, at.value.length);
            at.focus();
        } else if (!isOpen && giveFocusBack.current) {
            giveFocusBack.current = false;
            opener.current?.focus();
        }
    }, [isOpen, isNew, label]);
    useEffect(() => {
        const at = field();
        at?.setAttribute('aria-label', label);

        // The host's field keeps its text itself, so that to cut what it reports would leave the rest on the screen.
        at?.setAttribute('maxlength', String(LIMITS.taskCommand));
    });
    useEffect(() => {
        // Another version of the playbook was loaded.
        setOpen((open) => open || command !== '');
    }, [command]);

    const close = () => {
        setOpen(false);
        setNew(false);
        onChange('');
    };
    const onBlur = () => {
        setNew(false);
        if (isNothing(command)) {
            close();
        }
    };
    const onKeyDown = (event: KeyboardEvent<Field>) => {
        const key = pressedKey(event);
        if (key === 'Escape' || (key === 'Enter' && !event.defaultPrevented)) {
            if (key === 'Enter') {
                event.preventDefault();
            }
            giveFocusBack.current = isNothing(command);
            event.currentTarget?.blur?.();
        }
    };
    if (!isOpen) {
        return (
            <button
                ref={opener}
                type='button'
                data-testid='add-command'
                className={styles.add}
                onClick={() => {
                    setOpen(true);
                    setNew(true);
                    onChange('/');
                }}
            >
                <FormattedMessage
                    id='editor.add_command'
                    defaultMessage='Add a Slash Command'
                />
            </button>
        );
    }
    const Textbox = window.Components?.Textbox;
    const placeholder = formatMessage({id: 'editor.command', defaultMessage: 'Slash Command'});
    return (
        <div
            ref={frame}
            className={styles.command}
        >
            {Textbox ? (
                <Textbox
                    id={id}
                    channelId={channelId}
                    value={command}

                    // It only warns of longer texts.
                    onChange={(event) => onChange(event.target.value.slice(0, LIMITS.taskCommand))}
                    onKeyPress={(event) => pressedKey(event) === 'Enter' && event.preventDefault()}
                    onKeyDown={onKeyDown}
                    onBlur={onBlur}
                    createMessage={placeholder}
                    characterLimit={LIMITS.taskCommand}
                    inputComponent='input'
                    supportsCommands={true}
                    suggestionListStyle={suggestions}
                    suggestionListPosition={suggestions}
                    useChannelMentions={false}
                    openWhenEmpty={true}
                />
            ) : (
                <input
                    id={id}
                    type='text'
                    className={styles.field}
                    dir={command ? 'ltr' : undefined}
                    aria-label={label}
                    placeholder={placeholder}
                    value={command}
                    maxLength={LIMITS.taskCommand}
                    onChange={(event) => onChange(event.target.value)}
                    onKeyDown={onKeyDown}
                    onBlur={onBlur}
                />
            )}
            <Button
                kind='icon'
                aria-label={formatMessage({id: 'editor.remove_command', defaultMessage: 'Remove the slash command'})}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => {
                    giveFocusBack.current = true;
                    close();
                }}
            >
                <Icon of={Trash}/>
            </Button>
            <span
                className={styles.commandNote}
                aria-live='polite'
            >
                {!isNothing(command) && !command.trim().startsWith('/') && (
                    <span className={styles.commandWrong}>
                        <FormattedMessage
                            id='task.command_wrong'
                            defaultMessage='A slash command starts with /.'
                        />
                    </span>
                )}
            </span>
            <Counter
                used={command.length}
                limit={LIMITS.taskCommand}
            />
        </div>
    );
}
