import React, {ComponentType} from 'react';

import {GuardedPart, QuietPart} from 'src/ui/lazy_page';

interface Optional<P> {
    isShown: (props: P) => boolean;
    load: () => Promise<{default: ComponentType<P>}>;
}

interface Props<P> {
    parts: ReadonlyArray<Optional<P>>;
    props: P;

    /** Small parts in a row: nothing is shown until they are there. */
    isQuiet?: boolean;
}

/** Those of the parts that have something to show. */
export function OptionalParts<P extends object>({parts, props, isQuiet = false}: Props<P>) {
    const Part = isQuiet ? QuietPart : GuardedPart;
    return (
        <>
            {parts.map(({isShown, load}, index) => isShown(props) && (
                <Part
                    key={index}
                    load={load}
                    props={props}
                />
            ))}
        </>
    );
}
