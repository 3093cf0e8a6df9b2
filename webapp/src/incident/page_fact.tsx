import React, {ReactNode} from 'react';

import styles from 'src/incident/page_fact.module.css';

/** A fact in the row below the head of the incident's page. */
export function PageFact({label, children}: {label: ReactNode; children: ReactNode}) {
    return (
        <section className={styles.fact}>
            <h3 className={styles.label}>{label}</h3>
            <div className={styles.value}>{children}</div>
        </section>
    );
}

/** Class of the row of facts. */
export const pageFacts = styles.facts;
