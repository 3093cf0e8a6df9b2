import React from 'react';
import {FormattedMessage} from 'react-intl';

import {capabilities} from 'src/capabilities/all';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {activeStage} from 'src/incident/progress';
import {SidebarSection} from 'src/incident/sidebar_parts';
import {Incident} from 'src/types/incident';
import {classes} from 'src/ui/classes';
import {OptionalParts} from 'src/ui/optional_parts';

const details = capabilities.flatMap(({stageDetails}) => stageDetails ?? []);

/** The current stage and how far the incident is; absent when there is only one stage and nothing more to say of it. */
export function StageBlock({incident}: {incident: Incident}) {
    const {checklists, active_stage: active, is_active: isActive} = incident;
    if (checklists.length < 2 && !details.some(({isShown}) => isShown({incident}))) {
        return null;
    }
    return (
        <SidebarSection
            id='incidentRHSStages'
            headingClass='title'
            title={(
                <FormattedMessage
                    id='stage.current'
                    defaultMessage='Current Stage:'
                />
            )}
        >
            <div className={styles.stage}>
                <div dir='auto'>{activeStage(incident)?.title}</div>
                <span>{`(${active + 1}/${checklists.length})`}</span>
            </div>
            <ol
                className={styles.segments}
                aria-hidden={true}
            >
                {checklists.map(({id}, index) => (
                    <li
                        key={id || index}
                        className={classes((!isActive || index < active) && styles.done, isActive && index === active && styles.active)}
                    />
                ))}
            </ol>
            <OptionalParts
                parts={details}
                props={{incident}}
            />
        </SidebarSection>
    );
}
