import {MouseEvent} from 'react';

/** Attribute of elements whose text may be cut for want of room. */
export const CUT = 'data-cut';

const isCut = (element: Element) => element.scrollWidth > element.clientWidth;

function isAt(element: Element, x: number, y: number): boolean {
    const {left, right, top, bottom} = element.getBoundingClientRect();
    return x >= left && x <= right && y >= top && y <= bottom;
}

/**
 * Gives what is pressed at the pointer the whole of a text that is cut there as its tooltip. The text may lie below a link,
 * so that a tooltip of its own would never be seen.
 */
export function tellCut({currentTarget, target, clientX, clientY}: MouseEvent<HTMLElement>): void {
    const holder = target instanceof Element ? target.closest<HTMLElement>(`a, button, [${CUT}]`) : null;
    if (!holder || (holder.title && holder.dataset.told === undefined)) {
        return;
    }
    const below = [...currentTarget.querySelectorAll<HTMLElement>(`[${CUT}]`)].find((element) => isAt(element, clientX, clientY));
    holder.title = below && isCut(below) ? below.textContent ?? '' : '';
    holder.dataset.told = '';
}
