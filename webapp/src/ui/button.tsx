import React, {ButtonHTMLAttributes, forwardRef, MouseEvent, ReactNode} from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/ui/button.module.css';
import {classes} from 'src/ui/classes';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
    /** `icon` needs an `aria-label`. */
    kind?: 'primary' | 'secondary' | 'quiet' | 'danger' | 'link' | 'icon';

    /** What the button does is under way: it cannot be pressed again and shows progress. */
    busy?: boolean;

    /** Cannot be pressed for the moment; unlike with `disabled`, it keeps the focus. */
    locked?: boolean;

    /** As wide as its container. */
    wide?: boolean;
}

// Also keeps a submitting button from sending its form, which Enter in a field does by a click on it.
const ignore = (event: MouseEvent) => event.preventDefault();

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button({kind = 'secondary', busy, locked, wide, className, disabled, onClick, children, ...rest}, ref) {
    const isLocked = busy || locked;
    return (
        <button
            type='button'
            {...rest}
            ref={ref}
            className={classes(className, styles.button, styles[kind], wide && styles.wide)}
            disabled={disabled && !isLocked}
            aria-disabled={isLocked || undefined}
            aria-busy={busy || undefined}
            onClick={isLocked ? ignore : onClick}
        >
            {children}
            {busy && <Spinner/>}
        </button>
    );
});

/** The button that leaves a dialog or form as it was. It says `Cancel` unless it has children. */
export function CancelButton({children, ...rest}: Omit<ButtonProps, 'kind'>) {
    return (
        <Button
            {...rest}
            kind='quiet'
        >
            {children ?? (
                <FormattedMessage
                    id='ui.cancel'
                    defaultMessage='Cancel'
                />
            )}
        </Button>
    );
}

/** The button that opens and closes what follows it. It says `Show more` and `Show less` unless it is given other texts. */
export function Expander({isOpen, setOpen, tabIndex, more, less}: {
    isOpen: boolean; setOpen: (isOpen: boolean) => void; tabIndex?: number; more?: ReactNode; less?: ReactNode;
}) {
    const closed = more ?? (
        <FormattedMessage
            id='update.more'
            defaultMessage='Show more'
        />
    );
    const opened = less ?? (
        <FormattedMessage
            id='update.less'
            defaultMessage='Show less'
        />
    );
    return (
        <Button
            kind='link'
            tabIndex={tabIndex}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
        >
            {isOpen ? opened : closed}
        </Button>
    );
}

/** A turning circle; decorative. */
export function Spinner() {
    return (
        <span
            className={styles.spinner}
            aria-hidden={true}
        />
    );
}
