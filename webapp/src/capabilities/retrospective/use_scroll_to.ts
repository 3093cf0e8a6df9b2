import {RefObject, useEffect} from 'react';

/** Other parts of the page arrive for so long after it was opened, in milliseconds, and move what is below them. */
const SETTLE_MS = 3000;

const INPUT = ['wheel', 'touchstart', 'keydown', 'mousedown'];

/** Brings an element into view when the address of the page ends with its id, until the user does something. */
export function useScrollTo(element: RefObject<HTMLElement>): void {
    useEffect(() => {
        const at = element.current;
        if (!at || window.location.hash !== `#${at.id}`) {
            return undefined;
        }
        const scroll = () => at.scrollIntoView?.({block: 'start'});
        scroll();
        at.focus({preventScroll: true});
        const observer = typeof ResizeObserver === 'undefined' ? undefined : new ResizeObserver(scroll);
        if (at.parentElement) {
            observer?.observe(at.parentElement);
        }
        const end = () => {
            observer?.disconnect();
            window.clearTimeout(timer);
            INPUT.forEach((event) => window.removeEventListener(event, end, true));
        };
        const timer = window.setTimeout(end, SETTLE_MS);
        INPUT.forEach((event) => window.addEventListener(event, end, true));
        return end;
    }, [element]);
}
