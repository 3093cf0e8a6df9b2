import React, {HTMLAttributes, ReactNode} from 'react';

import styles from 'src/incident/sidebar_parts.module.css';
import {classes} from 'src/ui/classes';

interface SectionProps extends Omit<HTMLAttributes<HTMLElement>, 'title'> {
    title: ReactNode;

    /** Class names of the heading besides its own. */
    headingClass?: string;
}

export function SidebarHeading({className, children}: {className?: string; children: ReactNode}) {
    return <h3 className={classes(className, styles.heading)}>{children}</h3>;
}

/** A part of the sidebar below its heading. */
export function SidebarSection({title, headingClass, children, ...rest}: SectionProps) {
    return (
        <section {...rest}>
            <SidebarHeading className={headingClass}>{title}</SidebarHeading>
            {children}
        </section>
    );
}

/** The actions at the bottom of a tab of the sidebar; give the main button the class `footerButton`. */
export function SidebarFooter({children}: {children: ReactNode}) {
    return (
        <div
            id='incidentRHSFooter'
            className={styles.footer}
        >
            {children}
        </div>
    );
}

export const footerButton = styles.footerButton;
