import React, {AnchorHTMLAttributes, MouseEvent} from 'react';

import {basePath} from 'src/site';
import {followInside} from 'src/ui/markdown';

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
    /** A path of routes.ts. */
    to: string;
}

/** A link within the site. A plain press does not load the page again; presses with a modifier are the browser's. */
export function InnerLink({to, onClick, children, ...rest}: Props) {
    return (
        <a
            {...rest}
            href={basePath() + to}
            onClick={(event: MouseEvent<HTMLAnchorElement>) => {
                onClick?.(event);
                followInside(event);
            }}
        >
            {children}
        </a>
    );
}
