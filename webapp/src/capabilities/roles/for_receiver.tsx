import React from 'react';

import {IncidentProps} from 'src/capabilities/capability';
import {PendingHandoff} from 'src/capabilities/roles/handoff';
import styles from 'src/capabilities/roles/roles.module.css';

/** The offer of command for the person who is to answer it; nothing for others. */
export default function ForReceiver({incident}: IncidentProps) {
    return (
        <div className={styles.forReceiver}>
            <PendingHandoff
                incident={incident}
                isForReceiver={true}
            />
        </div>
    );
}
