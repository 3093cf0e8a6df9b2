import {useEffect, useMemo, useRef} from 'react';

/** A choice whose answer is still awaited when its list is closed. */
export interface LateChoice<T> {
    /** Something else was chosen meanwhile, or what the choice was for is gone. */
    isOver: () => boolean;
    take: (option: T) => void;
}

export interface LateChoices<T> {
    /** To be called when something is chosen in any other way: what is awaited is over. */
    supersede: () => void;

    /** Begins to wait. */
    begin: () => LateChoice<T>;
}

interface Options {
    /** More than one can be chosen: a later choice does not replace what is awaited. */
    isMultiple?: boolean;

    /** The choice is part of a form: it is over when the form is gone. Otherwise it is an action, which is done. */
    isPartOfForm?: boolean;
}

/**
 * For the owner of a list: takes choices whose answers come after the list was closed. `take` is that of the owner as it is
 * then, since what it was given may have changed while the answer was awaited. Of two choices the later one counts,
 * in whatever order their answers come.
 */
export function useLateChoices<T>(take: (option: T) => void, {isMultiple = false, isPartOfForm = false}: Options = {}): LateChoices<T> {
    const latest = useRef(take);
    latest.current = take;
    const isGone = useRef(false);
    useEffect(() => {
        isGone.current = false;
        return () => {
            isGone.current = true;
        };
    }, []);
    return useMemo(() => {
        let last = 0;
        return {
            supersede: () => {
                last++;
            },
            begin: () => {
                last++;
                const own = last;
                return {
                    isOver: () => (isPartOfForm && isGone.current) || (!isMultiple && own !== last),
                    take: (option: T) => latest.current(option),
                };
            },
        };
    }, [isMultiple, isPartOfForm]);
}
