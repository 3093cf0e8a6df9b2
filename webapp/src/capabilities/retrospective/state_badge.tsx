import React from 'react';
import {defineMessages, FormattedMessage} from 'react-intl';

import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {Retrospective} from 'src/capabilities/retrospective/types';

const STATES = defineMessages({
    none: {id: 'retrospective.state.none', defaultMessage: 'Automatic Draft'},
    draft: {id: 'retrospective.state.draft', defaultMessage: 'Draft'},
    published: {id: 'retrospective.state.published', defaultMessage: 'Published'},
});

/** How far a retrospective is. */
export function StateBadge({state}: Pick<Retrospective, 'state'>) {
    return (
        <span
            className={state === 'published' ? styles.published : styles.draft}
            data-testid='retrospective-state'
        >
            <FormattedMessage {...STATES[state]}/>
        </span>
    );
}
