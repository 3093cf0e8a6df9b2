import React, {ReactNode} from 'react';

import {classes} from 'src/ui/classes';
import styles from 'src/ui/chip.module.css';

export const CHIP_COLORS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'grey'] as const;
export type ChipColor = typeof CHIP_COLORS[number];

interface Props {
    /** The text has to say what the colour says. A colour that is not known is shown as grey. */
    color: string;

    /** Shown on hover. */
    title?: string;
    children: ReactNode;
}

/** A short text on a colour of its own, the same in every theme. */
export function Chip({color, title, children}: Props) {
    const known = CHIP_COLORS.find((one) => one === color) ?? 'grey';
    return (
        <span
            className={classes(styles.chip, styles[known])}
            title={title}
            dir='auto'
        >
            {children}
        </span>
    );
}
