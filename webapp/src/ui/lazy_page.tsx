import React, {ComponentType, lazy, Suspense, useMemo, useState} from 'react';
import {FormattedMessage} from 'react-intl';

import {ErrorNotice, Loading} from 'src/ui/notice';

interface Props<P> {
    load: () => Promise<{default: ComponentType<P>}>;
    props: P;
}

/** Something whose code is loaded when it is shown; a load that fails can be tried again. */
export function LazyPart<P extends object>({load, props}: Props<P>) {
    const [attempt, setAttempt] = useState(0);
    const Part = useMemo(() => lazy(() => load().catch(() => ({
        default: function Failed() {
            return (
                <ErrorNotice onRetry={() => setAttempt(attempt + 1)}>
                    <FormattedMessage
                        id='app.chunk_failed'
                        defaultMessage='This page could not be loaded.'
                    />
                </ErrorNotice>
            );
        } as ComponentType<P>,
    }))) as unknown as ComponentType<P>, [load, attempt]);
    return (
        <Suspense fallback={<Loading/>}>
            <Part {...props}/>
        </Suspense>
    );
}

/** A page whose code is loaded when it is opened. */
export function LazyPage({load}: {load: Props<object>['load']}) {
    return (
        <LazyPart
            load={load}
            props={{}}
        />
    );
}
