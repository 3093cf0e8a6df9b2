import React from 'react';

import {capabilities} from 'src/capabilities/all';
import {AnyIncidentProps, IncidentProps} from 'src/capabilities/capability';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {StatusBadge} from 'src/incident/status_badge';
import {AnyIncident} from 'src/types/incident';
import {OptionalParts} from 'src/ui/optional_parts';

const badges = capabilities.flatMap(({badge}) => badge ?? []);

export const hasBadges = (incident: AnyIncident) => badges.some(({isShown}) => isShown({incident}));

/** What capabilities show beside the name of an incident. */
export function Badges(props: AnyIncidentProps) {
    return (
        <OptionalParts
            parts={badges}
            props={props}
            isQuiet={true}
        />
    );
}

/** The badges and the status below the title, where they take no room from the name; nothing for an incident without badges. */
export function BadgeLine({incident}: IncidentProps) {
    return hasBadges(incident) ? (
        <div
            className={styles.badges}
            data-testid='badges'
        >
            <Badges incident={incident}/>
            <StatusBadge isActive={incident.is_active}/>
        </div>
    ) : null;
}
