import React from 'react';

import {SeverityRow} from 'src/types/severity';
import {Chip} from 'src/ui/chip';

/** The key of a level on its colour; the name is told on hover. */
export function LevelBadge({level: {key, name, color}}: {level: SeverityRow}) {
    return (
        <Chip
            color={color}
            title={name}
        >
            {key}
        </Chip>
    );
}
