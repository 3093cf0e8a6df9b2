import DragVertical from '@mattermost/compass-icons/components/drag-vertical';
import React, {KeyboardEvent, PointerEvent, useEffect, useRef, useState} from 'react';
import {useIntl} from 'react-intl';

import {Icon} from 'src/ui/icon';
import {pressedKey} from 'src/host/keys';
import {announce} from 'src/ui/live_region';
import styles from 'src/ui/reorder.module.css';

interface Drag {
    id: string;
    from: number;
    to: number;
}

interface Props {
    /** Ids in their present order; each row has to be an element with `data-reorder-id`. */
    ids: string[];

    /** `to` is the position at which the element ends. */
    onMove: (id: string, to: number) => void;
}

export interface Reorder {
    drag?: Drag;

    /** Put on the element that directly or indirectly holds all rows. */
    containerRef: React.RefObject<HTMLDivElement>;
    start: (id: string, event: PointerEvent) => void;
    step: (id: string, by: number) => void;
}

/** Within so many CSS pixels of the edge of the scrolled part, it is scrolled while a row is dragged. */
const EDGE = 40;

/** Milliseconds between two steps of scrolling, and the CSS pixels of the longest step. */
const SCROLL_MS = 16;
const MOST_PIXELS = 16;

/** A step that comes late is as long as those that were missed, up to so many milliseconds. */
const LATEST_MS = 160;

/** The nearest element around a list that scrolls; undefined when all of it fits. */
function scrollerOf(element: HTMLElement | null): HTMLElement | undefined {
    for (let parent = element; parent; parent = parent.parentElement) {
        const {overflowY} = window.getComputedStyle(parent);
        if ((overflowY === 'auto' || overflowY === 'scroll') && parent.scrollHeight > parent.clientHeight) {
            return parent;
        }
    }
    return undefined;
}

/** By how many pixels to scroll while the pointer is at a height of the page: the closer to the edge, the more. */
export function scrollStep(y: number, top: number, bottom: number): number {
    const edge = Math.min(EDGE, (bottom - top) / 3);
    const beyond = y < top + edge ? y - (top + edge) : Math.max(y - (bottom - edge), 0);
    return Math.round(Math.max(-1, Math.min(beyond / edge, 1)) * MOST_PIXELS);
}

/** Sorting of a list by pointer (mouse, pen, touch) and by keyboard. */
export function useReorder({ids, onMove}: Props): Reorder {
    const {formatMessage} = useIntl();
    const containerRef = useRef<HTMLDivElement>(null);
    const [dragged, setDragged] = useState<{id: string; to?: number}>();

    // The list may change, or lose what is dragged, on the way.
    const at = dragged ? ids.indexOf(dragged.id) : -1;
    const drag = dragged && at >= 0 ? {id: dragged.id, from: at, to: Math.min(dragged.to ?? at, ids.length - 1)} : undefined;
    const latest = useRef({ids, onMove, drag});
    latest.current = {ids, onMove, drag};
    const end = useRef<() => void>();
    useEffect(() => () => end.current?.(), []);

    const say = (to: number) => announce(formatMessage({
        id: 'ui.reorder.moved',
        defaultMessage: 'Moved to position {position} of {count}',
    }, {position: to + 1, count: latest.current.ids.length}));

    const commit = (id: string, to: number) => {
        latest.current.onMove(id, to);
        say(to);
    };

    const positionAt = (y: number): number => {
        const rows = [...containerRef.current?.querySelectorAll<HTMLElement>('[data-reorder-id]') ?? []];
        const before = rows.filter((row) => row.dataset.reorderId !== latest.current.drag?.id).
            filter((row) => {
                const box = row.getBoundingClientRect();
                return box.top + (box.height / 2) < y;
            });
        return before.length;
    };

    const start = (id: string, event: PointerEvent) => {
        event.preventDefault();
        setDragged({id});
        let pointerY = event.clientY;
        const show = () => {
            const to = positionAt(pointerY);
            if (to !== latest.current.drag?.to) {
                setDragged({id, to});
            }
        };
        const follow = ({clientY}: globalThis.PointerEvent) => {
            pointerY = clientY;
            show();
        };
        const scroller = scrollerOf(containerRef.current);
        let lastStep = performance.now();
        const scrolling = scroller && window.setInterval(() => {
            const {top, bottom} = scroller.getBoundingClientRect();
            const before = scroller.scrollTop;
            const now = performance.now();
            const steps = Math.max(1, Math.min(now - lastStep, LATEST_MS) / SCROLL_MS);
            lastStep = now;
            scroller.scrollTop += Math.round(scrollStep(pointerY, top, bottom) * steps);
            if (scroller.scrollTop !== before) {
                show();
            }
        }, SCROLL_MS);
        const stop = () => {
            window.clearInterval(scrolling);
            document.removeEventListener('pointermove', follow);
            document.removeEventListener('pointerup', drop);
            document.removeEventListener('pointercancel', stop);
            document.removeEventListener('keydown', cancel, true);
            end.current = undefined;
            setDragged(undefined);
        };
        const drop = () => {
            const last = latest.current.drag;
            stop();
            if (last && last.to !== last.from) {
                commit(id, last.to);
            }
        };
        const cancel = (key: globalThis.KeyboardEvent) => {
            if (pressedKey(key) === 'Escape') {
                key.stopPropagation();
                stop();
            }
        };
        document.addEventListener('pointermove', follow);
        document.addEventListener('pointerup', drop);
        document.addEventListener('pointercancel', stop);
        document.addEventListener('keydown', cancel, true);
        end.current = stop;
    };

    const step = (id: string, by: number) => {
        const to = latest.current.ids.indexOf(id) + by;
        if (to >= 0 && to < latest.current.ids.length) {
            commit(id, to);
            // The browser drops the focus of an element that is moved in the document.
            window.setTimeout(() => {
                const rows = containerRef.current?.querySelectorAll<HTMLElement>('[data-reorder-id]') ?? [];
                [...rows].find((row) => row.dataset.reorderId === id)?.querySelector<HTMLElement>('[data-reorder-handle]')?.focus();
            });
        }
    };

    // Rows are remembered by their props, so they get the same functions every time.
    const current = useRef({start, step});
    current.current = {start, step};
    const [stable] = useState(() => ({
        start: (id: string, event: PointerEvent) => current.current.start(id, event),
        step: (id: string, by: number) => current.current.step(id, by),
    }));
    return {drag, containerRef, ...stable};
}

interface HandleProps {
    id: string;
    start: Reorder['start'];
    step: Reorder['step'];

    /** Names what is moved. */
    label: string;
}

/** The grip of a row: is dragged, or moves the row with the arrow keys. */
export function ReorderHandle({id, start, step, label}: HandleProps) {
    const onKeyDown = (event: KeyboardEvent) => {
        const by = {ArrowUp: -1, ArrowDown: 1}[pressedKey(event)];
        if (by) {
            event.preventDefault();
            step(id, by);
        }
    };
    return (
        <button
            type='button'
            className={styles.handle}
            aria-label={label}
            data-reorder-handle={true}
            aria-keyshortcuts='ArrowUp ArrowDown'
            onPointerDown={(event) => event.button === 0 && start(id, event)}
            onKeyDown={onKeyDown}
        >
            <Icon
                of={DragVertical}
                size={16}
            />
        </button>
    );
}
