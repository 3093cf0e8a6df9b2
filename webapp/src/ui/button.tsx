import React, {ButtonHTMLAttributes, forwardRef} from 'react';

import styles from 'src/ui/button.module.css';
import {classes} from 'src/ui/classes';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
    /** `icon` needs an `aria-label`. */
    kind?: 'primary' | 'secondary' | 'quiet' | 'danger' | 'link' | 'icon';

    /** What the button does is under way: it cannot be pressed again and shows progress. */
    busy?: boolean;

    /** As wide as its container. */
    wide?: boolean;
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button({kind = 'secondary', busy, wide, className, disabled, children, ...rest}, ref) {
    return (
        <button
            type='button'
            {...rest}
            ref={ref}
            className={classes(className, styles.button, styles[kind], wide && styles.wide)}
            disabled={disabled || busy}
            aria-busy={busy || undefined}
        >
            {children}
            {busy && <Spinner/>}
        </button>
    );
});

/** A turning circle; decorative. */
export function Spinner() {
    return (
        <span
            className={styles.spinner}
            aria-hidden={true}
        />
    );
}
