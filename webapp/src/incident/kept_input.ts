import {useState} from 'react';
import {useSelector} from 'react-redux';

import {currentUserId} from 'src/host/store';
import {keepInTab, keptInTab} from 'src/host/tab_storage';

/** What was kept under the name, if it has the right form. */
export function keptInput<T>(userId: string, name: string, isOne: (value: unknown) => value is T): T | undefined {
    const kept = keptInTab(userId, name);
    return isOne(kept) ? kept : undefined;
}

/**
 * What the user types in a form that goes when it is closed. It is kept in the browser's tab under the name, over a reload, an upgrade and
 * the end of the session. `keep(undefined)` forgets it, when it is saved or given up. With `isWorth`, a value for which it is false is
 * held only as long as the form is there.
 */
export function useKeptInput<T>(name: string, isOne: (value: unknown) => value is T, isWorth: (value: T) => boolean = () => true) {
    const userId = useSelector(currentUserId);
    const [kept, setKept] = useState(() => keptInput(userId, name, isOne));
    const keep = (value: T | undefined) => {
        setKept(value);
        keepInTab(userId, name, value !== undefined && isWorth(value) ? value : undefined);
    };
    return {kept, keep};
}

/** For a form with one text. */
export const isText = (value: unknown): value is string => typeof value === 'string';
