import React from 'react';

import {RowProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/clock/clock.module.css';
import {Due} from 'src/capabilities/clock/due';

/** When the next status update of a listed incident is due. */
export default function ClockRow({incident: {clock}}: RowProps) {
    return clock ? (
        <p className={styles.row}>
            <Due
                clock={clock}
                isSentence={true}
            />
        </p>
    ) : null;
}
