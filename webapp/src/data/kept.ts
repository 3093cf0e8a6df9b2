import {useEffect, useRef} from 'react';

/** The value, or while it is undefined the one before: keeps a list on the screen until its next page has come. */
export function useKept<T>(value: T | undefined): T | undefined {
    const last = useRef<T>();
    useEffect(() => {
        last.current = value ?? last.current;
    }, [value]);
    return value ?? last.current;
}
