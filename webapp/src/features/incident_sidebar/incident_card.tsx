import React, {memo} from 'react';
import {FormattedMessage} from 'react-intl';

import {capabilities} from 'src/capabilities/all';
import {Badges, hasBadges} from 'src/features/incident_sidebar/badges';
import styles from 'src/features/incident_sidebar/list.module.css';
import {Person} from 'src/people/person';
import {IncidentRow} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {OptionalParts} from 'src/ui/optional_parts';
import {Ago, Duration} from 'src/ui/time';

const details = capabilities.flatMap(({rowDetails}) => rowDetails ?? []);

interface Props {
    incident: IncidentRow;

    /** Its channel is the one that the user is in. */
    isCurrent: boolean;
    onGo: () => void;
}

export const IncidentCard = memo(function IncidentCard({incident, isCurrent, onGo}: Props) {
    return (
        <li
            className={classes('IncidentContainer', styles.card, isCurrent && styles.current)}
            aria-current={isCurrent || undefined}
        >
            <h3
                className={styles.name}
                dir='auto'
            >
                {incident.name}
            </h3>
            {hasBadges(incident) && (
                <div className={styles.badges}>
                    <Badges incident={incident}/>
                </div>
            )}
            <dl className={styles.facts}>
                <div className={styles.fact}>
                    <dt>
                        <FormattedMessage
                            id='card.stage'
                            defaultMessage='Stage:'
                        />
                    </dt>
                    <dd><bdi>{incident.active_stage_title}</bdi></dd>
                </div>
                <div className={styles.fact}>
                    <dt>
                        <FormattedMessage
                            id='card.duration'
                            defaultMessage='Duration:'
                        />
                    </dt>
                    <dd><Duration from={incident.create_at}/></dd>
                </div>
                <div className={styles.fact}>
                    <dt data-testid='last-updated-label'>
                        <FormattedMessage
                            id='card.last_updated'
                            defaultMessage='Last updated:'
                        />
                    </dt>
                    <dd><Ago at={incident.last_status_at}/></dd>
                </div>
                <div className={styles.fact}>
                    <dt>
                        <FormattedMessage
                            id='card.commander'
                            defaultMessage='Commander:'
                        />
                    </dt>
                    <dd>{incident.commander_user_id ? <Person userId={incident.commander_user_id}/> : '-'}</dd>
                </div>
            </dl>
            <OptionalParts
                parts={details}
                props={{incident}}
                isQuiet={true}
            />
            <Button
                wide={true}
                data-testid='go-to-channel'
                onClick={onGo}
            >
                <FormattedMessage
                    id='card.go'
                    defaultMessage='Go to Incident Channel'
                />
            </Button>
        </li>
    );
}, (before, after) => before.incident === after.incident && before.isCurrent === after.isCurrent);
