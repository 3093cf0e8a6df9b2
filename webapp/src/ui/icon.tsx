import React, {ComponentType} from 'react';

import {classes} from 'src/ui/classes';
import styles from 'src/ui/icon.module.css';

interface Props {
    of: ComponentType<{size?: number | string; color?: string}>;

    /** CSS pixels. */
    size?: number;
    id?: string;
    className?: string;

    /** Points forwards or backwards, so it is mirrored where text runs from right to left. */
    isDirectional?: boolean;
}

/** A decorative icon; what it means has to stand beside it or in the control's label. */
export function Icon({of: Svg, size = 16, id, className, isDirectional}: Props) {
    return (
        <span
            id={id}
            className={classes(className, styles.icon, isDirectional && styles.directional)}
            aria-hidden={true}
        >
            <Svg size={size}/>
        </span>
    );
}

/** The plugin's own sign: a shield with an exclamation mark. */
export function ShieldIcon({size = 16, id}: {size?: number | string; id?: string}) {
    return (
        <svg
            id={id}
            width={size}
            height={size}
            viewBox='0 0 24 24'
            fill='currentColor'
            aria-hidden={true}
            focusable='false'
        >
            <path d='M12 1.5 3.5 5v6.2c0 5.3 3.5 9.7 8.5 11.3 5-1.6 8.5-6 8.5-11.3V5L12 1.5Zm0 2.1L18.6 6.3v4.9c0 4.3-2.7 7.8-6.6 9.3-3.9-1.5-6.6-5-6.6-9.3V6.3L12 3.6Z'/>
            <path d='M10.9 7h2.2v6.5h-2.2zM10.9 15h2.2v2.2h-2.2z'/>
        </svg>
    );
}
