import React from 'react';
import {useSelector} from 'react-redux';

import {IncidentList} from 'src/features/incident_sidebar/incident_list';
import {IncidentView} from 'src/features/incident_sidebar/incident_view';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {useSidebarView} from 'src/features/incident_sidebar/view';
import {currentTeamName} from 'src/host/store';
import {ErrorBoundary} from 'src/ui/error_boundary';
import {Root} from 'src/ui/root';

/** Body of the right-hand sidebar: the incident of the current channel, or the list of mine. */
export function Sidebar() {
    const {teamId, channelId, isIncident} = useSidebarView();
    const teamName = useSelector(currentTeamName);
    return (
        <Root className={styles.sidebar}>
            {/* With the next channel the key is another one, which ends a fault of the one before. */}
            <ErrorBoundary key={isIncident ? channelId : teamId}>
                {isIncident ? <IncidentView channelId={channelId}/> : (
                    <IncidentList
                        teamId={teamId}
                        teamName={teamName}
                        currentChannelId={channelId}
                    />
                )}
            </ErrorBoundary>
        </Root>
    );
}
