import Check from '@mattermost/compass-icons/components/check';
import Pencil from '@mattermost/compass-icons/components/pencil-outline';
import React, {KeyboardEvent, useEffect, useRef, useState} from 'react';

import {Counter} from 'src/features/playbook_editor/counter';
import styles from 'src/features/playbook_editor/editor.module.css';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import {pressedKey} from 'src/host/keys';
import {Hidden} from 'src/ui/root';

interface Props {
    id?: string;
    label: string;
    value: string;
    placeholder: string;
    limit: number;
    onCommit: (value: string) => void;

    /** Called with the typed text while it differs from the old one, and with undefined afterwards. */
    onTyping: (text: string | undefined) => void;

    /** A blank text is taken too; otherwise the old one stays. */
    mayBeBlank?: boolean;
    className?: string;
}

/** A text that becomes a field when it is pressed. Enter, leaving it and the check take the text over; Escape does not. */
export function InlineText({id, label, value, placeholder, limit, onCommit, onTyping, mayBeBlank = false, className}: Props) {
    const [typed, setTyped] = useState<string>();
    const opener = useRef<HTMLButtonElement>(null);
    const giveFocusBack = useRef(false);
    const latest = useRef(onTyping);
    latest.current = onTyping;
    const isOpen = typed !== undefined;
    useEffect(() => {
        if (!isOpen && giveFocusBack.current) {
            giveFocusBack.current = false;
            opener.current?.focus();
        }
    }, [isOpen]);

    const text = typed?.trim() ?? value;
    const isDifferent = isOpen && text !== value && (text !== '' || mayBeBlank);
    useEffect(() => {
        if (!isDifferent) {
            return undefined;
        }
        latest.current(text);
        return () => latest.current(undefined);
    }, [isDifferent, text]);

    const close = (commit: boolean) => {
        setTyped(undefined);
        if (commit && isDifferent) {
            onCommit(text);
        }
    };
    const onKeyDown = (event: KeyboardEvent) => {
        const key = pressedKey(event);
        if (key === 'Enter' || key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            giveFocusBack.current = true;
            close(key === 'Enter');
        }
    };
    if (typed === undefined) {
        return (
            <span
                id={id}
                className={classes(className, styles.inline)}
            >
                <button
                    ref={opener}
                    type='button'
                    className={classes('editable-trigger', styles.inlineText)}
                    onClick={() => setTyped(value)}
                >
                    {value.trim() ? (
                        <span
                            className={styles.inlineValue}
                            dir='auto'
                            title={value}
                        >
                            {value}
                        </span>
                    ) : <em>{placeholder}</em>}
                    <Hidden>{`, ${label}`}</Hidden>
                    <Icon of={Pencil}/>
                </button>
            </span>
        );
    }
    return (
        <span
            id={id}
            className={classes(className, styles.inline)}
        >
            <input
                className={classes('editable-input', styles.inlineInput)}
                type='text'
                aria-label={label}
                placeholder={placeholder}
                autoFocus={true}
                dir={typed ? 'auto' : undefined}
                value={typed}
                maxLength={limit}
                style={{width: `${Math.max(typed.length, placeholder.length) + 2}ch`}}
                onChange={(event) => setTyped(event.target.value)}
                onKeyDown={onKeyDown}
                onBlur={() => close(true)}
            />
            <button
                type='button'
                className={classes('editable-trigger', styles.inlineCheck)}
                aria-label={label}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => {
                    giveFocusBack.current = true;
                    close(true);
                }}
            >
                <Icon of={Check}/>
            </button>
            <Counter
                used={typed.length}
                limit={limit}
            />
        </span>
    );
}
