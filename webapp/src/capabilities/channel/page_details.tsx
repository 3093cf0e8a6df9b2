import React from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {Outlook} from 'src/capabilities/channel/outlook';
import {PageFact} from 'src/incident/page_fact';

/** What becomes of the channel, on the incident's page. */
export default function ChannelOfPage({incident}: IncidentProps) {
    return (
        <PageFact
            label={(
                <FormattedMessage
                    id='channel.title'
                    defaultMessage='Channel'
                />
            )}
        >
            <Outlook
                incident={incident}
                mayRestart={true}
            />
        </PageFact>
    );
}
