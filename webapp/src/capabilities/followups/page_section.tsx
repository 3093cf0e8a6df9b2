import React from 'react';
import {FormattedMessage} from 'react-intl';

import {OfIncident} from 'src/capabilities/followups/of_incident';
import {IncidentProps} from 'src/capabilities/capability';
import {PageSection} from 'src/incident/page_section';

const QUERY = {sort: 'number', per_page: 50} as const;

/** The section of the incident's page with its follow-ups. */
export default function FollowUpsSection({incident}: IncidentProps) {
    return (
        <OfIncident
            incident={incident}
            query={QUERY}
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
