import React, {FormEvent, KeyboardEvent, ReactNode, useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/capabilities/timeline/timeline.module.css';
import {MOST_TEXT} from 'src/capabilities/timeline/types';
import {fromWall, toWall} from 'src/capabilities/timeline/when';
import {pressedKey} from 'src/host/keys';
import {Button, CancelButton} from 'src/ui/button';
import choiceStyles from 'src/ui/choice.module.css';
import {TextArea, TextField} from 'src/ui/field';
import {useDomId} from 'src/ui/ids';

/** `now`, how many minutes ago, or `at` a time that is given. */
export type When = 'now' | '5' | '15' | '30' | '60' | 'at';

export const MINUTES_AGO: When[] = ['5', '15', '30', '60'];

export interface Typed {
    text: string;
    when: When;

    /** Value of the field for the time, in the user's time zone; '' is none. */
    wall: string;
    starred: boolean;
}

interface Props {
    label: ReactNode;

    /** Accessible name of the form. */
    name: string;
    typed: Typed;
    onType: (change: Partial<Typed>) => void;

    /** Only asked for what can be sent. */
    onSubmit: () => void;
    onCancel: () => void;
    busy: boolean;
    submit: ReactNode;

    /** Only the text is shown. */
    isSmall?: boolean;

    /** The time is given as such. */
    isEdit?: boolean;
    autoFocus?: boolean;

    /** Errors and what has happened meanwhile. */
    children?: ReactNode;
}

/** Text, time and star of an entry. Escape gives up, Enter with Ctrl or the command key sends. */
export function EntryForm({label, name, typed, onType, onSubmit, onCancel, busy, submit, isSmall, isEdit, autoFocus, children}: Props) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const whenId = useDomId('when');
    const [tried, setTried] = useState(false);
    const box = useRef<HTMLTextAreaElement>(null);
    const form = useRef<HTMLFormElement>(null);
    useEffect(() => {
        if (isEdit) {
            // The focus alone would leave the buttons out of sight. Newer browsers return a promise.
            void form.current?.scrollIntoView?.({block: 'nearest'});
        }
    }, [isEdit]);
    const {text, when, wall, starred} = typed;
    const at = fromWall(wall, intl.timeZone);
    const textError = !text.trim() && formatMessage({id: 'incident_timeline.text_missing', defaultMessage: 'Say what happened.'});
    let timeError: string | false = false;
    if (when === 'at' && Number.isNaN(at)) {
        timeError = formatMessage({id: 'incident_timeline.time_missing', defaultMessage: 'Give date and time.'});
    } else if (when === 'at' && at > Date.now()) {
        timeError = formatMessage({id: 'incident_timeline.time_future', defaultMessage: 'This is in the future. A timeline says what has happened.'});
    }
    const send = () => {
        setTried(true);
        if (textError) {
            box.current?.focus();
        } else if (!timeError && !busy) {
            setTried(false);
            onSubmit();
        }
    };
    const onKeyDown = (event: KeyboardEvent) => {
        const key = pressedKey(event);
        if (key === 'Escape') {
            event.stopPropagation();
            if (!busy) {
                setTried(false);
                onCancel();
            }
        } else if (key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
        }
    };
    return (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape leaves the form from each of its fields
        <form
            ref={form}
            className={styles.form}
            aria-label={name}
            noValidate={true}
            onSubmit={(event: FormEvent) => {
                event.preventDefault();
                send();
            }}
            onKeyDown={onKeyDown}
        >
            <TextArea
                ref={box}
                label={label}
                rows={isSmall ? 1 : 3}
                limit={MOST_TEXT}
                value={text}
                readOnly={busy}
                autoFocus={autoFocus}
                error={tried && textError}
                onChange={(event) => onType({text: event.target.value})}
            />
            {!isSmall && (
                <>
                    <div className={styles.formLine}>
                        {!isEdit && (
                            <label
                                className={styles.when}
                                htmlFor={whenId}
                            >
                                <span>
                                    <FormattedMessage
                                        id='incident_timeline.when'
                                        defaultMessage='When'
                                    />
                                </span>
                                <select
                                    id={whenId}
                                    className={styles.select}
                                    value={when}
                                    disabled={busy}
                                    onChange={(event) => {
                                        const chosen = event.target.value as When;
                                        onType({when: chosen, wall: chosen === 'at' && !wall ? toWall(Date.now(), intl.timeZone) : wall});
                                    }}
                                >
                                    <option value='now'>{formatMessage({id: 'incident_timeline.now', defaultMessage: 'Now'})}</option>
                                    {MINUTES_AGO.map((minutes) => (
                                        <option
                                            key={minutes}
                                            value={minutes}
                                        >
                                            {formatMessage({id: 'incident_timeline.minutes_ago', defaultMessage: '{n} minutes ago'}, {n: minutes})}
                                        </option>
                                    ))}
                                    <option value='at'>{formatMessage({id: 'incident_timeline.at', defaultMessage: 'At a time …'})}</option>
                                </select>
                            </label>
                        )}
                        {!isEdit && (
                            <label className={styles.check}>
                                <input
                                    type='checkbox'
                                    className={choiceStyles.check}
                                    checked={starred}
                                    disabled={busy}
                                    onChange={(event) => onType({starred: event.target.checked})}
                                />
                                <FormattedMessage
                                    id='incident_timeline.star'
                                    defaultMessage='Key moment'
                                />
                            </label>
                        )}
                    </div>
                    {when === 'at' && (
                        <TextField
                            type='datetime-local'
                            label={formatMessage({id: 'incident_timeline.time', defaultMessage: 'Date and time'})}
                            value={wall}
                            max={toWall(Date.now(), intl.timeZone)}
                            readOnly={busy}
                            error={(tried || wall !== '') && timeError}
                            onChange={(event) => onType({wall: event.target.value})}
                        />
                    )}
                </>
            )}
            {children}
            {!isSmall && (
                <div className={styles.formButtons}>
                    <CancelButton
                        locked={busy}
                        onClick={() => {
                            setTried(false);
                            onCancel();
                        }}
                    />
                    <Button
                        kind='primary'
                        type='submit'
                        busy={busy}
                    >
                        {submit}
                    </Button>
                </div>
            )}
        </form>
    );
}
