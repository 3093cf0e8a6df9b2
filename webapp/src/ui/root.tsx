import React, {HTMLAttributes, ReactNode} from 'react';
import {useIntl} from 'react-intl';

import {directionOf} from 'src/i18n/locales';
import {classes} from 'src/ui/classes';
import styles from 'src/ui/root.module.css';

/** Outermost element of everything this plugin shows: sets colours, type and reading direction. */
export function Root({className, children, ...rest}: HTMLAttributes<HTMLDivElement>) {
    const {locale} = useIntl();
    return (
        <div
            {...rest}
            className={classes(className, styles.root)}
            dir={directionOf(locale)}
        >
            {children}
        </div>
    );
}

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
