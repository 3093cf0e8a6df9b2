import React from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {ChangeButton} from 'src/capabilities/severity/change_button';
import {chosenLevel} from 'src/capabilities/severity/level';
import {LevelBadge} from 'src/capabilities/severity/level_badge';
import styles from 'src/capabilities/severity/severity.module.css';
import {PageFact} from 'src/incident/page_fact';
import {useMayChange} from 'src/incident/use_may_change';

/** The level of the incident, and for those who may change it the way to do so. */
export default function SeverityOfPage({incident}: IncidentProps) {
    const mayChange = useMayChange(incident);
    const {severity} = incident;
    if (!severity) {
        return null;
    }
    const level = chosenLevel(severity);
    return (
        <PageFact
            label={(
                <FormattedMessage
                    id='severity.title'
                    defaultMessage='Severity'
                />
            )}
        >
            {level ? (
                <span
                    className={styles.head}
                    title={level.description || undefined}
                >
                    <LevelBadge level={level}/>
                    <span dir='auto'>{level.name}</span>
                </span>
            ) : (
                <FormattedMessage
                    id='severity.none'
                    defaultMessage='Not chosen yet'
                />
            )}
            {mayChange && <ChangeButton {...{incident, severity}}/>}
        </PageFact>
    );
}
