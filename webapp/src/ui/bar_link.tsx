import React, {ComponentProps, ReactNode} from 'react';
import {NavLink} from 'react-router-dom';

import styles from 'src/ui/bar_link.module.css';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import {Hidden} from 'src/ui/root';

interface Props {
    to: string;
    icon: ComponentProps<typeof Icon>['of'];
    testId: string;
    children: ReactNode;

    /** Stands behind the text unless it is 0. */
    count?: number;

    /** Says what the number counts; for screen readers and on hover. */
    countLabel?: string;
    isUrgent?: boolean;
}

/** A link of the bar above the full pages. It is marked on its own page and on those below. */
export function BarLink({to, icon, testId, children, count = 0, countLabel, isUrgent = false}: Props) {
    return (
        <NavLink
            to={to}
            className={styles.link}
            activeClassName={styles.active}
            data-testid={testId}
        >
            <Icon
                of={icon}
                size={20}
                className={styles.icon}
            />
            {children}
            {count > 0 && (
                <>
                    <span
                        className={classes(styles.count, isUrgent && styles.urgent)}
                        title={countLabel}
                        aria-hidden={true}
                    >
                        {count}
                    </span>
                    <Hidden>{countLabel}</Hidden>
                </>
            )}
        </NavLink>
    );
}
