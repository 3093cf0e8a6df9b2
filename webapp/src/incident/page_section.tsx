import React, {ReactNode} from 'react';

import styles from 'src/incident/page_section.module.css';

/** A framed part of the incident's page. */
export function PageSection({title, children}: {title?: ReactNode; children: ReactNode}) {
    return (
        <section className={styles.section}>
            {title && <h2>{title}</h2>}
            {children}
        </section>
    );
}
