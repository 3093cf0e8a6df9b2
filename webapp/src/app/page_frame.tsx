import React, {ReactNode, useRef} from 'react';

import styles from 'src/app/page_frame.module.css';
import {usePagePlace} from 'src/host/page_place';
import {Root} from 'src/ui/root';

/** Outermost element of the full pages, in the place that the host has for them. */
export function PageFrame({children}: {children: ReactNode}) {
    const page = useRef<HTMLDivElement>(null);
    const place = usePagePlace(page);
    return (
        <Root
            ref={page}
            className={styles.page}
            style={place}
            data-testid='incidentPages'
        >
            {children}
        </Root>
    );
}
