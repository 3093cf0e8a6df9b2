import {useEffect, useLayoutEffect, useReducer, useRef} from 'react';

const TICK_MS = 1000;

const listeners = new Set<() => void>();
let timer: number | undefined;

function listen(listener: () => void): () => void {
    listeners.add(listener);
    timer ??= window.setInterval(() => listeners.forEach((one) => one()), TICK_MS);
    return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
            window.clearInterval(timer);
            timer = undefined;
        }
    };
}

/**
 * A value that depends on the time. One timer serves all users of it, and a component renders again only when its own
 * value has changed; so let `read` answer in the coarsest unit that is shown.
 */
export function useClock<T extends number | string>(read: (now: number) => T, isRunning = true): T {
    const [, render] = useReducer((n: number) => n + 1, 0);
    const value = read(Date.now());
    const latest = useRef({read, value});
    useLayoutEffect(() => {
        latest.current = {read, value};
    });
    useEffect(() => (isRunning ? listen(() => {
        if (latest.current.read(Date.now()) !== latest.current.value) {
            render();
        }
    }) : undefined), [isRunning]);
    return value;
}
