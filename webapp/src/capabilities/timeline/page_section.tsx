import React from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {PageSection} from 'src/incident/page_section';
import {GuardedPart} from 'src/ui/lazy_page';

const load = () => import(/* webpackChunkName: "incident-timeline" */ 'src/capabilities/timeline/page_body');

/** The section of the incident's page. Its code is loaded when a page is opened, not with the lists. */
export default function TimelineSection({incident}: IncidentProps) {
    return (
        <PageSection
            title={(
                <FormattedMessage
                    id='incident_timeline.tab'
                    defaultMessage='Timeline'
                />
            )}
        >
            <GuardedPart
                load={load}
                props={{incident}}
            />
        </PageSection>
    );
}
