import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/capabilities/timeline/timeline.module.css';
import {MOST_ENTRIES, WARN_FROM} from 'src/capabilities/timeline/types';

/** Says how many entries there are when it is near the limit. */
export function EntryLimit({count}: {count: number}) {
    return count < WARN_FROM ? null : (
        <p
            className={styles.limit}
            role='status'
            data-testid='timeline-limit'
        >
            {count < MOST_ENTRIES ? (
                <FormattedMessage
                    id='incident_timeline.near_limit'
                    defaultMessage='{count, number} of at most {most, number} entries were added, so {left, plural, one {# more} other {# more}} can be. What the plugin records itself does not count.'
                    values={{count, most: MOST_ENTRIES, left: MOST_ENTRIES - count}}
                />
            ) : (
                <FormattedMessage
                    id='incident_timeline.full'
                    defaultMessage='All {most, number} entries that a timeline can have were added. What the plugin records itself still comes.'
                    values={{most: MOST_ENTRIES}}
                />
            )}
        </p>
    );
}
