import React from 'react';
import {FormattedMessage} from 'react-intl';
import {useSelector} from 'react-redux';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/followups/followups.module.css';
import {OfIncident} from 'src/capabilities/followups/of_incident';
import {SUMMARY_QUERY} from 'src/capabilities/followups/types';
import {currentTeamName} from 'src/host/store';
import {SidebarSection} from 'src/incident/sidebar_parts';
import {incidentPath} from 'src/routes';
import {InnerLink} from 'src/ui/inner_link';

/** The open follow-ups of an incident, in the sidebar. */
export default function Summary({incident}: IncidentProps) {
    const team = useSelector(currentTeamName);
    return (
        <OfIncident
            incident={incident}
            query={SUMMARY_QUERY}
            hasCarryOver={!incident.is_active}
            frame={(content, page) => {
                const {done = 0, dropped = 0} = page?.counts ?? {};
                return (
                    <SidebarSection
                        data-testid='sidebar-followups'
                        title={(
                            <FormattedMessage
                                id='followups.label'
                                defaultMessage='Follow-ups'
                            />
                        )}
                    >
                        {content}
                        {done + dropped > 0 && (
                            <InnerLink
                                to={incidentPath(team, incident.id)}
                                className={styles.link}
                            >
                                <FormattedMessage
                                    id='followups.closed_count'
                                    defaultMessage='{done} done, {dropped} dropped'
                                    values={{done, dropped}}
                                />
                            </InnerLink>
                        )}
                    </SidebarSection>
                );
            }}
        />
    );
}
