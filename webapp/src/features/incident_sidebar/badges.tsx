import React from 'react';

import {capabilities} from 'src/capabilities/all';
import {AnyIncidentProps} from 'src/capabilities/capability';
import {OptionalParts} from 'src/ui/optional_parts';

const badges = capabilities.flatMap(({badge}) => badge ?? []);

/** What capabilities show beside the name of an incident. */
export default function Badges(props: AnyIncidentProps) {
    return (
        <OptionalParts
            parts={badges}
            props={props}
            isQuiet={true}
        />
    );
}
