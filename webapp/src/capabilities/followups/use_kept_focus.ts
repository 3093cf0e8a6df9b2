import {FocusEvent, RefObject, useLayoutEffect, useRef} from 'react';

const CONTROL = 'input:not(:disabled), button, a[href], [tabindex="0"]';

/**
 * Keeps the focus in a list when the row that has it goes, as one that was done goes from a list of open ones: then the row in
 * its place gets it, or the list itself. Rows have the attribute data-followup.
 */
export function useKeptFocus(list: RefObject<HTMLElement>): {onFocus: (event: FocusEvent) => void; onBlur: (event: FocusEvent) => void} {
    const place = useRef<number>();
    const rows = () => [...list.current?.querySelectorAll<HTMLElement>('[data-followup]') ?? []];
    useLayoutEffect(() => {
        if (place.current !== undefined && document.activeElement === document.body) {
            const all = rows();
            const next = all[Math.min(place.current, all.length - 1)];
            (next?.querySelector<HTMLElement>(CONTROL) ?? list.current)?.focus();
        }
    });
    return {
        onFocus: ({target}) => {
            const at = rows().findIndex((row) => row.contains(target));
            place.current = at < 0 ? undefined : at;
        },
        onBlur: ({relatedTarget}) => {
            if (relatedTarget) {
                place.current = undefined;
            }
        },
    };
}
