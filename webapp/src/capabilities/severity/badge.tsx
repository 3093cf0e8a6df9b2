import React from 'react';

import {AnyIncidentProps} from 'src/capabilities/capability';
import {levelOf} from 'src/capabilities/severity/level';
import {LevelBadge} from 'src/capabilities/severity/level_badge';

/** The level of an incident; nothing while none is chosen. */
export default function Badge({incident}: AnyIncidentProps) {
    const level = levelOf(incident);
    return level ? <LevelBadge level={level}/> : null;
}
