import React from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {ChangeButton} from 'src/capabilities/severity/change_button';
import {chosenLevel} from 'src/capabilities/severity/level';
import {LevelBadge} from 'src/capabilities/severity/level_badge';
import styles from 'src/capabilities/severity/severity.module.css';
import {SidebarSection} from 'src/incident/sidebar_parts';

/** The level of the incident with its sentence, and the way to change it. */
export default function SeveritySummary({incident}: IncidentProps) {
    const {severity} = incident;
    if (!severity) {
        return null;
    }
    const level = chosenLevel(severity);
    return (
        <SidebarSection
            data-testid='severity'
            title={(
                <FormattedMessage
                    id='severity.title'
                    defaultMessage='Severity'
                />
            )}
        >
            <div className={styles.line}>
                {level && (
                    <span className={styles.head}>
                        <LevelBadge level={level}/>
                        <span dir='auto'>{level.name}</span>
                    </span>
                )}
                <ChangeButton {...{incident, severity}}/>
            </div>
            {level?.description && (
                <p
                    className={styles.sentence}
                    dir='auto'
                >
                    {level.description}
                </p>
            )}
        </SidebarSection>
    );
}
