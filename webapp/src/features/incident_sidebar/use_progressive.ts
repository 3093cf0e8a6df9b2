import {useEffect, useState} from 'react';

const AT_ONCE = 16;
const PER_STEP = 12;

/**
 * How many of many rows to render now: the first ones at once and the rest in steps between which the browser can paint
 * and react to the user.
 */
export function useProgressive(total: number): number {
    const [count, setCount] = useState(AT_ONCE);
    useEffect(() => {
        if (count >= total) {
            return undefined;
        }
        const timer = window.setTimeout(() => setCount(count + PER_STEP), 16);
        return () => window.clearTimeout(timer);
    }, [count, total]);
    return Math.min(count, total);
}
