import React from 'react';

import {IncidentProps} from 'src/capabilities/capability';
import {serverHasFollowUps} from 'src/capabilities/followups/presence';
import {LazyPart} from 'src/ui/lazy_page';

const load = () => import(/* webpackChunkName: "followups" */ 'src/capabilities/followups/summary');

/** The open follow-ups of an incident that has ended. During the incident, when many have it open, nothing is loaded or asked. */
export default function FollowUpsSummary({incident}: IncidentProps) {
    // Servers before 2.0.0 have no revisions, and no follow-ups.
    return incident.is_active || typeof incident.revision !== 'number' || !serverHasFollowUps() ? null : (
        <LazyPart
            load={load}
            props={{incident}}
        />
    );
}
