import {autoUpdate, computePosition, flip, offset, Placement, shift, size} from '@floating-ui/dom';
import {RefObject, useLayoutEffect} from 'react';

import {hostFrame} from 'src/host/frame';
import rootStyles from 'src/ui/root.module.css';

/** CSS pixels that are kept free between what floats and the edge of what holds it. */
const MARGIN = 8;

interface Options {
    isOpen: boolean;

    /** Side and alignment that are tried first. */
    placement: Placement;

    /** CSS pixels between the two elements. */
    gap: number;
}

/** What holds an element besides the window. The outermost element of a dialog has no height, as all in it is fixed: there the window is all. */
function holderOf(element: HTMLElement): Element | 'clippingAncestors' {
    const holder = hostFrame(element) ?? element.closest(`.${rootStyles.root}`);
    return holder && holder.clientHeight > 0 ? holder : 'clippingAncestors';
}

/**
 * Keeps an element beside another one, within the window and the part of the page that holds it, while it is open: on the other side where there is more room,
 * moved sideways, and no larger than the room. It follows when either of them changes its size or place. The side that was
 * found is kept as long as the element fits there. The element has `position: fixed`.
 */
export function usePlacement(anchor: RefObject<HTMLElement>, floating: RefObject<HTMLElement>, {isOpen, placement, gap}: Options): void {
    useLayoutEffect(() => {
        const [beside, element] = [anchor.current, floating.current];
        if (!isOpen || !beside || !element) {
            return undefined;
        }
        let current = placement;
        let isClosed = false;
        const place = async () => {
            // What fits is decided by the whole size.
            element.style.maxHeight = '';
            const limits = {padding: MARGIN, boundary: holderOf(beside)} as const;
            const found = await computePosition(beside, element, {
                strategy: 'fixed',
                placement: current,
                middleware: [
                    offset(gap),
                    flip({...limits, crossAxis: false, flipAlignment: false}),
                    shift(limits),
                    size({
                        ...limits,
                        apply: ({availableHeight, elements}) => {
                            elements.floating.style.maxHeight = `${Math.max(0, availableHeight)}px`;
                        },
                    }),
                ],
            });
            if (!isClosed) {
                current = found.placement;
                Object.assign(element.style, {left: `${found.x}px`, top: `${found.y}px`});
            }
        };
        const end = autoUpdate(beside, element, () => void place());
        return () => {
            isClosed = true;
            end();
        };
    }, [anchor, floating, isOpen, placement, gap]);
}
