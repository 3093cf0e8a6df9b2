import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/incident/status_badge.module.css';

/** Whether an incident is going on. */
export function StatusBadge({isActive}: {isActive: boolean}) {
    return (
        <span className={isActive ? styles.ongoing : styles.ended}>
            {isActive ? (
                <FormattedMessage
                    id='status.ongoing'
                    defaultMessage='Ongoing'
                />
            ) : (
                <FormattedMessage
                    id='status.ended'
                    defaultMessage='Ended'
                />
            )}
        </span>
    );
}
