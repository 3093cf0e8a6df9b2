import React, {ComponentType, lazy, Suspense, useMemo, useState} from 'react';
import {FormattedMessage} from 'react-intl';

import {ErrorNotice, Loading} from 'src/ui/notice';

type Load = () => Promise<{default: ComponentType}>;

/** A page whose code is loaded when it is opened; a load that fails can be tried again. */
export function LazyPage({load}: {load: Load}) {
    const [attempt, setAttempt] = useState(0);
    const Page = useMemo(() => lazy(() => load().catch(() => ({
        default: function Failed() {
            return (
                <ErrorNotice onRetry={() => setAttempt(attempt + 1)}>
                    <FormattedMessage
                        id='app.chunk_failed'
                        defaultMessage='This page could not be loaded.'
                    />
                </ErrorNotice>
            );
        },
    }))), [load, attempt]);
    return (
        <Suspense fallback={<Loading/>}>
            <Page/>
        </Suspense>
    );
}
