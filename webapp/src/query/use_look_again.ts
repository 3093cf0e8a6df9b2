import {useEffect} from 'react';

/** How often what no event tells of is asked for again, in milliseconds. */
export const LOOK_MS = 30_000;

/**
 * Asks again for what is shown to somebody who gets no events of it: each LOOK_MS while the page can be seen, and at once when
 * it is seen again and has missed that.
 */
export function useLookAgain(isNeeded: boolean, look: () => void): void {
    useEffect(() => {
        if (!isNeeded) {
            return undefined;
        }
        let isMissed = false;
        const timer = window.setInterval(() => {
            if (document.hidden) {
                isMissed = true;
            } else {
                look();
            }
        }, LOOK_MS);
        const seen = () => {
            if (isMissed && !document.hidden) {
                isMissed = false;
                look();
            }
        };
        document.addEventListener('visibilitychange', seen);
        return () => {
            window.clearInterval(timer);
            document.removeEventListener('visibilitychange', seen);
        };
    }, [isNeeded, look]);
}
