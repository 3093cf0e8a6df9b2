import React from 'react';

import {IncidentProps} from 'src/capabilities/capability';
import {hasBadges} from 'src/features/incident_sidebar/badges';
import {StatusBadge} from 'src/incident/status_badge';

/** Whether an incident is going on, after its name. With badges of capabilities it stands below the name, which then has the line for itself. */
export default function TitleStatus({incident}: IncidentProps) {
    return hasBadges(incident) ? null : <StatusBadge isActive={incident.is_active}/>;
}
