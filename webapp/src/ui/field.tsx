import React, {forwardRef, InputHTMLAttributes, ReactNode, TextareaHTMLAttributes} from 'react';
import {FormattedMessage} from 'react-intl';

import {classes} from 'src/ui/classes';
import styles from 'src/ui/field.module.css';
import {useDomId} from 'src/ui/ids';

interface Common {
    label: ReactNode;

    /** Longest text, in characters; a counter appears when it is nearly reached. */
    limit?: number;
    value: string;
    error?: ReactNode;
}

const NEARLY = 0.8;

function Frame({id, label, limit, value, error, children}: Common & {id: string; children: ReactNode}) {
    return (
        <div className={styles.field}>
            <label
                htmlFor={id}
                className={styles.label}
            >
                {label}
            </label>
            {children}
            <div
                id={`${id}-notes`}
                className={styles.notes}
                aria-live='polite'
            >
                {error && <span className={styles.error}>{error}</span>}
                {limit !== undefined && value.length > limit * NEARLY && (
                    <span className={styles.counter}>
                        <FormattedMessage
                            id='ui.field.counter'
                            defaultMessage='{used} of {limit} characters'
                            values={{used: value.length, limit}}
                        />
                    </span>
                )}
            </div>
        </div>
    );
}

type TextFieldProps = Common & Omit<InputHTMLAttributes<HTMLInputElement>, 'value'>;

/** A labelled line of text that cannot become longer than its limit. */
export const TextField = forwardRef<HTMLInputElement, TextFieldProps>(function TextField({label, limit, error, className, ...rest}, ref) {
    const id = useDomId('field');
    return (
        <Frame {...{id, label, limit, value: rest.value, error}}>
            <input
                type='text'
                dir={rest.value ? 'auto' : undefined}
                {...rest}
                ref={ref}
                id={id}
                className={classes(className, styles.input)}
                maxLength={limit}
                aria-describedby={`${id}-notes`}
                aria-invalid={error ? true : undefined}
            />
        </Frame>
    );
});

type TextAreaProps = Common & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'value'>;

/** As TextField, for several lines. */
export const TextArea = forwardRef<HTMLTextAreaElement, TextAreaProps>(function TextArea({label, limit, error, className, ...rest}, ref) {
    const id = useDomId('field');
    return (
        <Frame {...{id, label, limit, value: rest.value, error}}>
            <textarea
                rows={3}
                dir={rest.value ? 'auto' : undefined}
                {...rest}
                ref={ref}
                id={id}
                className={classes(className, styles.input)}
                maxLength={limit}
                aria-describedby={`${id}-notes`}
                aria-invalid={error ? true : undefined}
            />
        </Frame>
    );
});
