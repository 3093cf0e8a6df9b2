import ArrowLeft from '@mattermost/compass-icons/components/arrow-left';
import React, {ReactNode} from 'react';
import {Link} from 'react-router-dom';

import {Icon} from 'src/ui/icon';
import styles from 'src/ui/page_bar.module.css';

interface BarProps {
    /** Path of the list that the page was opened from. */
    back: string;

    /** Says where the way back leads. */
    label: string;
    children?: ReactNode;
}

/** The top of a page that shows one thing of a list, with the way back to the list. */
export function PageBar({back, label, children}: BarProps) {
    return (
        <div
            className={styles.bar}
            data-testid='backstage-nav-bar'
        >
            <Link
                to={back}
                className={styles.back}
                aria-label={label}
                data-testid='icon-arrow-left'
            >
                <Icon
                    of={ArrowLeft}
                    isDirectional={true}
                    size={24}
                />
            </Link>
            {children}
        </div>
    );
}

/** Such a page while there is nothing to show yet, or after loading it failed: one can still go back. */
export function UnfinishedPage({children, ...bar}: BarProps) {
    return (
        <>
            <PageBar {...bar}/>
            <div className={styles.unfinished}>{children}</div>
        </>
    );
}
