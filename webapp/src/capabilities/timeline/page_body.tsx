import React from 'react';

import {IncidentProps} from 'src/capabilities/capability';
import {TimelineView} from 'src/capabilities/timeline/timeline_view';

/** What the section of the incident's page shows. */
export default function TimelineOfPage({incident}: IncidentProps) {
    return (
        <TimelineView
            key={incident.id}
            incident={incident}
            place='page'
        />
    );
}
