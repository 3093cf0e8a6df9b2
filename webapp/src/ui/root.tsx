import React, {forwardRef, HTMLAttributes, ReactNode} from 'react';
import {useIntl} from 'react-intl';

import {directionOf} from 'src/i18n/locales';
import {classes} from 'src/ui/classes';
import styles from 'src/ui/root.module.css';

/** Outermost element of everything this plugin shows: sets colours, type and reading direction. */
export const Root = forwardRef<HTMLDivElement, HTMLAttributes<HTMLDivElement>>(function Root({className, children, ...rest}, ref) {
    const {locale} = useIntl();
    return (
        <div
            {...rest}
            ref={ref}
            className={classes(className, styles.root)}
            dir={directionOf(locale)}
        >
            {children}
        </div>
    );
});

/** Read out by screen readers, not visible. */
export function Hidden({children, id}: {children: ReactNode; id?: string}) {
    return (
        <span
            id={id}
            className={styles.hidden}
        >
            {children}
        </span>
    );
}
