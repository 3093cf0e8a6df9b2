import AlertOutline from '@mattermost/compass-icons/components/alert-outline';
import React from 'react';
import {useIntl} from 'react-intl';

import styles from 'src/capabilities/clock/clock.module.css';
import {UpdateClock} from 'src/types/clock';
import {Icon} from 'src/ui/icon';
import {formatMinutes, useDateTime, useMinutesUntil} from 'src/ui/time';

interface Props {
    clock: UpdateClock;

    /** Says what is due, where no heading does. */
    isSentence?: boolean;
}

/**
 * How long it is until the next status update, or since it was due. The text changes each minute without being announced: it is no
 * live region.
 */
export function Due({clock: {next_update_at: next, overdue_since: overdue}, isSentence = false}: Props) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const exact = useDateTime();
    const at = next || overdue;
    const minutes = useMinutesUntil(at);
    const duration = formatMinutes(intl, minutes);
    const isOverdue = minutes <= 0;
    let text;
    if (isSentence) {
        text = isOverdue ?
            formatMessage({id: 'clock.overdue_sentence', defaultMessage: 'Update overdue for {duration}'}, {duration}) :
            formatMessage({id: 'clock.next_sentence', defaultMessage: 'Next update in {duration}'}, {duration});
    } else {
        text = isOverdue ?
            formatMessage({id: 'clock.overdue', defaultMessage: 'overdue for {duration}'}, {duration}) :
            formatMessage({id: 'clock.next', defaultMessage: 'in {duration}'}, {duration});
    }
    return (
        <time
            className={isOverdue ? styles.overdue : undefined}
            dateTime={new Date(at).toISOString()}
            title={exact(at)}
        >
            {isOverdue && (
                <Icon
                    of={AlertOutline}
                    size={14}
                    className={styles.sign}
                />
            )}
            {text}
        </time>
    );
}
