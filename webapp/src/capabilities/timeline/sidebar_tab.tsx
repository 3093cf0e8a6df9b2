import React from 'react';

import {IncidentProps} from 'src/capabilities/capability';
import {TimelineView} from 'src/capabilities/timeline/timeline_view';

/** The tab of the sidebar. */
export default function TimelineTab({incident}: IncidentProps) {
    return (
        <TimelineView
            key={incident.id}
            incident={incident}
            place='sidebar'
        />
    );
}
