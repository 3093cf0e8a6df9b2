import React, {ComponentType, lazy, Suspense, useMemo, useState} from 'react';
import {FormattedMessage} from 'react-intl';

import {loadMessageParser} from 'src/i18n/message_parser';
import {ErrorBoundary} from 'src/ui/error_boundary';
import {ErrorNotice, Loading} from 'src/ui/notice';

type Load<P> = () => Promise<{default: ComponentType<P>}>;

interface Props<P> {
    load: Load<P>;
    props: P;
}

/** What has been loaded, so that it is shown at once the next time. */
const loaded = new WeakMap<object, unknown>();

/** Loads the code of a part, and the parser that its texts need. Rejects if either cannot be loaded now. */
export async function loadPart<P>(load: Load<P>): Promise<{default: ComponentType<P>}> {
    const [part] = await Promise.all([load(), loadMessageParser()]);
    loaded.set(load, part.default);
    return part;
}

/** Loads the code of parts that will be shown soon. A failure is left to the part itself. */
export function preload<P>(loads: Array<Load<P>>): void {
    loads.forEach((load) => void loadPart(load).catch(() => undefined));
}

/** Something whose code is loaded when it is shown; a load that fails can be tried again. `load` has to stay the same. */
export function LazyPart<P extends object>({load, props}: Props<P>) {
    const [attempt, setAttempt] = useState(0);
    const Part = useMemo(() => (loaded.get(load) ?? lazy(() => loadPart(load).catch(() => ({
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
    })))) as ComponentType<P>, [load, attempt]);
    return (
        <Suspense fallback={<Loading/>}>
            <Part {...props}/>
        </Suspense>
    );
}

interface QuietProps<P> extends Props<P> {
    /** What is shown until the part is there, and in its place when it cannot be loaded; nothing when absent. It has to stay the same. */
    Instead?: ComponentType<P>;
}

const Nothing = () => null;

/** A small lazy part in a row of others. */
export function QuietPart<P extends object>({load, props, Instead = Nothing}: QuietProps<P>) {
    const Part = useMemo(() => (loaded.get(load) ?? lazy(() => loadPart(load).catch(() => ({default: Instead})))) as ComponentType<P>, [load, Instead]);
    return (
        <ErrorBoundary fallback={null}>
            <Suspense fallback={<Instead {...props}/>}>
                <Part {...props}/>
            </Suspense>
        </ErrorBoundary>
    );
}

/** A lazy part that cannot take what is around it down. */
export function GuardedPart<P extends object>(props: Props<P>) {
    return (
        <ErrorBoundary>
            <LazyPart {...props}/>
        </ErrorBoundary>
    );
}

/** A page whose code is loaded when it is opened. */
export function LazyPage({load}: {load: Load<object>}) {
    return (
        <LazyPart
            load={load}
            props={{}}
        />
    );
}

/** The component of a route whose code is loaded when it is opened. */
export const lazyPage = (load: Load<object>): ComponentType => function Lazy() {
    return <LazyPage load={load}/>;
};
