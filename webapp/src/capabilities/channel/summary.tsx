import React from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {Outlook} from 'src/capabilities/channel/outlook';
import {SidebarSection} from 'src/incident/sidebar_parts';

/** What becomes of the channel, in the sidebar. The footer has the restart. */
export default function ChannelSummary({incident}: IncidentProps) {
    return (
        <SidebarSection
            title={(
                <FormattedMessage
                    id='channel.title'
                    defaultMessage='Channel'
                />
            )}
        >
            <Outlook incident={incident}/>
        </SidebarSection>
    );
}
