import {useLayoutEffect, useRef} from 'react';

/** The value, or the previous one while it is undefined: keeps a list on the screen until its next page has come. */
export function useKeepPrevious<T>(value: T | undefined): T | undefined {
    const last = useRef<T>();

    // A passive effect may never run: React 16 drops it when the component renders again before.
    useLayoutEffect(() => {
        last.current = value ?? last.current;
    }, [value]);
    return value ?? last.current;
}
