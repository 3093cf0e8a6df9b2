import React from 'react';
import {FormattedMessage} from 'react-intl';

import {OfIncident} from 'src/capabilities/followups/of_incident';
import {IncidentProps} from 'src/capabilities/capability';
import {PageSection} from 'src/incident/page_section';

const PER_PAGE = 50;
const QUERY = {sort: 'number'} as const;

/** The section of the incident's page with its follow-ups. */
export default function FollowUpsSection({incident}: IncidentProps) {
    return (
        <OfIncident
            incident={incident}
            query={QUERY}
            perPage={PER_PAGE}
            frame={(content) => (
                <PageSection
                    title={(
                        <FormattedMessage
                            id='followups.label'
                            defaultMessage='Follow-ups'
                        />
                    )}
                >
                    <div data-testid='incident-followups'>{content}</div>
                </PageSection>
            )}
        />
    );
}
