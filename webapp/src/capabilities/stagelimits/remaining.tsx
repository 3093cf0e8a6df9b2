import AlertOutline from '@mattermost/compass-icons/components/alert-outline';
import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/stagelimits/stagelimits.module.css';
import {activeStage} from 'src/incident/progress';
import {StageClock} from 'src/types/clock';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import {formatMinutes, useDateTime, useMinutesUntil} from 'src/ui/time';

function Remaining({clock: {due_at: due}, stage}: {clock: StageClock; stage: string}) {
    const intl = useIntl();
    const exact = useDateTime();
    const minutes = useMinutesUntil(due);
    const duration = formatMinutes(intl, minutes);
    const isOver = minutes <= 0;
    return (
        <p
            className={classes(styles.remaining, isOver && styles.over)}
            data-testid='stage-limit'
            title={exact(due)}
        >
            {isOver && (
                <Icon
                    of={AlertOutline}
                    size={14}
                    className={styles.sign}
                />
            )}
            <span>
                {isOver ? (
                    <FormattedMessage
                        id='stagelimits.over'
                        defaultMessage='Over the time limit for {duration}'
                        values={{duration}}
                    />
                ) : (
                    <FormattedMessage
                        id='stagelimits.left'
                        defaultMessage='{duration} left in {stage}'
                        values={{duration, stage: <bdi key='stage'>{stage}</bdi>}}
                    />
                )}
            </span>
        </p>
    );
}

/** What is left of the time limit of the current stage. It changes each minute without being announced: it is no live region. */
export default function StageLimit({incident}: IncidentProps) {
    return incident.stage_clock ? (
        <Remaining
            clock={incident.stage_clock}
            stage={activeStage(incident)?.title ?? ''}
        />
    ) : null;
}
