import Star from '@mattermost/compass-icons/components/star';
import StarOutline from '@mattermost/compass-icons/components/star-outline';
import React from 'react';
import {useIntl} from 'react-intl';

import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry} from 'src/capabilities/timeline/types';
import {Action} from 'src/query/use_action';
import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';

interface Props {
    entry: Entry;
    canWrite: boolean;
    tabIndex: number;

    /** Id of the text of the entry. */
    describedBy: string;
    action: Action<[]>;
}

/** Marks a key moment, or shows that it is one. */
export function StarButton({entry, canWrite, tabIndex, describedBy, action}: Props) {
    const {formatMessage} = useIntl();
    const label = formatMessage({id: 'incident_timeline.star', defaultMessage: 'Key moment'});
    const icon = (
        <Icon
            of={entry.starred ? Star : StarOutline}
            size={16}
            className={entry.starred ? styles.starred : undefined}
        />
    );
    if (!canWrite) {
        return entry.starred ? (
            <span
                role='img'
                aria-label={label}
                title={label}
                className={styles.star}
            >
                {icon}
            </span>
        ) : null;
    }
    return (
        <Button
            kind='icon'
            className={classes(styles.control, !entry.starred && styles.quiet)}
            data-row-control={true}
            tabIndex={tabIndex}
            aria-label={label}
            title={label}
            aria-pressed={entry.starred}
            aria-describedby={describedBy}
            locked={action.busy}
            onClick={() => void action.run()}
        >
            {icon}
        </Button>
    );
}
