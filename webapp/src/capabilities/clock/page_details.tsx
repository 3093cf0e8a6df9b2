import React from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {Due} from 'src/capabilities/clock/due';
import {PageFact} from 'src/incident/page_fact';

/** When the next status update is due. */
export default function ClockOfPage({incident: {clock}}: IncidentProps) {
    return clock ? (
        <PageFact
            label={(
                <FormattedMessage
                    id='clock.title'
                    defaultMessage='Next Update'
                />
            )}
        >
            <Due clock={clock}/>
        </PageFact>
    ) : null;
}
