import {useCallback} from 'react';
import {useSyncExternalStore} from 'use-sync-external-store/shim';

/** State of this tab, outside React, that components can follow. What the server says is held by the query client instead. */
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
        // A listener may end the subscription of another one by unmounting a component.
        [...this.listeners].forEach((listener) => this.listeners.has(listener) && listener());
    }
}

/** Reads a value and renders again when it is no longer the same object; `select` has to return stable references. */
export function useObserved<T>(source: Pick<Observable, 'subscribe'>, select: () => T): T {
    const subscribe = useCallback((listener: () => void) => source.subscribe(listener), [source]);
    return useSyncExternalStore(subscribe, select, select);
}
