import {RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState} from 'react';

/** CSS pixels from the end up to which the reader counts as being there. */
const NEAR_END = 40;

/** CSS pixels from an end at which the next page is read. */
const EARLY = 240;

/** How many of the rows that are seen are remembered: some may be folded into others meanwhile. */
const MOST_ANCHORS = 8;

/** How many places are kept. */
const MOST_PLACES = 50;

interface Anchor {
    key: string;

    /** CSS pixels below the top of the scrolled part. */
    top: number;
}

interface Place {
    isAtEnd: boolean;
    anchors: Anchor[];
}

/** Where timelines were left, by name. */
const places = new Map<string, Place>();

function keep(name: string, place: Place): void {
    places.delete(name);
    places.set(name, place);
    const [oldest] = places.keys();
    if (places.size > MOST_PLACES && oldest !== undefined) {
        places.delete(oldest);
    }
}

const rowsIn = (box: HTMLElement) => [...box.querySelectorAll<HTMLElement>('[data-row]')];

function anchorsIn(box: HTMLElement): Anchor[] {
    const {top} = box.getBoundingClientRect();
    const found: Anchor[] = [];
    for (const row of rowsIn(box)) {
        const place = row.getBoundingClientRect();
        if (place.bottom > top) {
            found.push({key: row.dataset.row ?? '', top: place.top - top});
        }
        if (found.length === MOST_ANCHORS) {
            break;
        }
    }
    return found;
}

interface Options {
    /** Names what is scrolled; under the name its place is kept while it is not shown. */
    name: string;

    /** Changes whenever rows have come or gone; undefined while there are none. */
    content: unknown;

    /** Whether there are rows after the last one that are not held. */
    hasNewer: boolean;

    /** Asks for the next page at one of the ends. */
    more: (side: 'older' | 'newer') => void;

    /** What is held does not fill the list yet, and may be asked for further pages. */
    mayFill: boolean;
    onEnd: (isAtEnd: boolean) => void;
}

export interface Scroll {
    /** Whether the newest entry is in sight. */
    isAtEnd: boolean;
    onScroll: () => void;
    toEnd: () => void;

    /** The user opens something in the list: it stays where it is, also at the end. */
    hold: () => void;
}

/**
 * Keeps the place of a list whose rows come and go at both ends: the rows that are seen stay where they are, and at the end it
 * follows new ones. The browser's own scroll anchoring has to be off: it does nothing at the top, and not all browsers have it.
 */
export function useScroll(box: RefObject<HTMLElement>, options: Options): Scroll {
    const {name, content} = options;
    const latest = useRef(options);
    latest.current = options;
    const place = useRef<Place>(places.get(name) ?? {isAtEnd: true, anchors: []});
    const [isAtEnd, setAtEnd] = useState(place.current.isAtEnd);

    const remember = useCallback(() => {
        const at = box.current;
        const {name: current, hasNewer, onEnd} = latest.current;
        if (!at) {
            return;
        }
        const end = !hasNewer && at.scrollHeight - at.scrollTop - at.clientHeight <= NEAR_END;
        place.current = {isAtEnd: end, anchors: anchorsIn(at)};
        keep(current, place.current);
        setAtEnd(end);
        onEnd(end);
    }, [box]);

    const restore = useCallback(() => {
        const at = box.current;
        if (!at) {
            return;
        }
        const {isAtEnd: wasAtEnd, anchors} = place.current;
        if (wasAtEnd) {
            at.scrollTop = at.scrollHeight;
            return;
        }
        const rows = new Map(rowsIn(at).map((row) => [row.dataset.row, row]));
        const anchor = anchors.find(({key}) => rows.has(key));
        const row = anchor && rows.get(anchor.key);
        if (anchor && row) {
            at.scrollTop += row.getBoundingClientRect().top - at.getBoundingClientRect().top - anchor.top;
        }
    }, [box]);

    const ask = useCallback(() => {
        const at = box.current;
        if (!at || at.clientHeight === 0) {
            return;
        }
        const {more, mayFill} = latest.current;
        if (at.scrollTop < EARLY && (mayFill || at.scrollHeight > at.clientHeight)) {
            more('older');
        }
        if (at.scrollHeight - at.scrollTop - at.clientHeight < EARLY) {
            more('newer');
        }
    }, [box]);

    useLayoutEffect(() => {
        place.current = places.get(name) ?? {isAtEnd: true, anchors: []};
    }, [name]);
    useLayoutEffect(() => {
        if (content !== undefined) {
            restore();
            remember();
        }
    }, [content, name, restore, remember]);
    useEffect(() => {
        if (content !== undefined && latest.current.mayFill && box.current && box.current.scrollHeight <= box.current.clientHeight) {
            ask();
        }
    }, [content, box, ask]);

    // What is loaded later, such as pictures of people, and a list that becomes lower, must not hide the end.
    useEffect(() => {
        const at = box.current;
        if (!at || typeof ResizeObserver === 'undefined') {
            return undefined;
        }
        const observer = new ResizeObserver(() => place.current.isAtEnd && restore());
        observer.observe(at);
        [...at.children].forEach((child) => observer.observe(child));
        return () => observer.disconnect();
    }, [box, restore]);

    const onScroll = useCallback(() => {
        remember();
        ask();
    }, [remember, ask]);
    const toEnd = useCallback(() => {
        place.current = {isAtEnd: true, anchors: []};
        restore();
        remember();
    }, [restore, remember]);
    const hold = useCallback(() => {
        place.current = {...place.current, isAtEnd: false};
        window.setTimeout(remember);
    }, [remember]);
    return {isAtEnd, onScroll, toEnd, hold};
}
