import React from 'react';

import {IncidentProps} from 'src/capabilities/capability';
import {serverHasFollowUps} from 'src/capabilities/followups/presence';
import {useFollowUpPage} from 'src/capabilities/followups/store';
import {SUMMARY_QUERY} from 'src/capabilities/followups/types';
import {LazyPart} from 'src/ui/lazy_page';

const load = () => import(/* webpackChunkName: "followups" */ 'src/capabilities/followups/summary');

/** For how long it is believed during an incident that there are no follow-ups, in milliseconds. Members hear of those that are added. */
const STALE_MS = 5 * 60_000;

/** The section of an incident that goes on, once there is a follow-up: who uses none sees nothing of it. */
function DuringIncident({incident}: IncidentProps) {
    const {data} = useFollowUpPage(SUMMARY_QUERY, incident.id, STALE_MS);
    return data && data.counts.open + data.counts.done + data.counts.dropped > 0 ? (
        <LazyPart
            load={load}
            props={{incident}}
        />
    ) : null;
}

/** The open follow-ups of an incident. */
export default function FollowUpsSummary({incident}: IncidentProps) {
    // Servers before 2.0.0 have no revisions, and no follow-ups.
    if (typeof incident.revision !== 'number' || !serverHasFollowUps()) {
        return null;
    }
    return incident.is_active ? <DuringIncident incident={incident}/> : (
        <LazyPart
            load={load}
            props={{incident}}
        />
    );
}
