import {useEffect, useLayoutEffect, useReducer, useRef} from 'react';

/** Something outside React that components can follow. */
export class Observable {
    private listeners = new Set<() => void>();

    /** Returns the function that ends the subscription. */
    subscribe = (listener: () => void): (() => void) => {
        this.listeners.add(listener);
        return () => {
            this.listeners.delete(listener);
        };
    };

    protected notify(): void {
        // One may end the subscription of another, by taking a component off the screen.
        [...this.listeners].forEach((listener) => this.listeners.has(listener) && listener());
    }
}

/** Reads a value and renders again when it is no longer the same object; `select` has to return stable references. */
export function useObserved<T>(source: Observable, select: () => T): T {
    const [, render] = useReducer((n: number) => n + 1, 0);
    const value = select();
    const latest = useRef({select, value});
    useLayoutEffect(() => {
        latest.current = {select, value};
    });
    useEffect(() => {
        const check = () => {
            if (!Object.is(latest.current.select(), latest.current.value)) {
                render();
            }
        };
        check();
        return source.subscribe(check);
    }, [source]);
    return value;
}
