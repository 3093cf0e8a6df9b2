import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/features/playbook_editor/editor.module.css';

const NEARLY = 0.8;

/** How much of the longest text is used, once it is nearly reached. */
export function Counter({used, limit}: {used: number; limit: number}) {
    return used > limit * NEARLY ? (
        <span
            className={styles.counter}
            role='status'
        >
            <FormattedMessage
                id='ui.field.counter'
                defaultMessage='{used} of {limit} characters'
                values={{used, limit}}
            />
        </span>
    ) : null;
}
