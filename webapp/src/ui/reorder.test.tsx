import {act, fireEvent, screen} from '@testing-library/react';
import React from 'react';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {freshHost, renderWithHost} from 'src/testing/host';
import {ReorderHandle, useReorder} from 'src/ui/reorder';

const IDS = Array.from({length: 20}, (_, i) => `row${i}`);
const HEIGHT = 100;
const ROW = 20;
const moves: Array<[string, number]> = [];

function List() {
    const {containerRef, start, step} = useReorder({ids: IDS, onMove: (id, to) => moves.push([id, to])});
    return (
        <div
            data-testid='scroller'
            style={{overflowY: 'auto'}}
        >
            <div ref={containerRef}>
                {IDS.map((id) => (
                    <div
                        key={id}
                        data-reorder-id={id}
                    >
                        <ReorderHandle {...{id, start, step}} label={`move ${id}`}/>
                    </div>
                ))}
            </div>
        </div>
    );
}

/** The list in an element that is five rows high: jsdom has no layout. */
function show() {
    renderWithHost(<List/>);
    const scroller = screen.getByTestId('scroller');
    let scrollTop = 0;
    Object.defineProperties(scroller, {
        scrollHeight: {value: IDS.length * ROW},
        clientHeight: {value: HEIGHT},
        scrollTop: {get: () => scrollTop, set: (to: number) => {
            scrollTop = Math.max(0, Math.min(to, (IDS.length * ROW) - HEIGHT));
        }},
    });
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function rect(this: Element) {
        const at = IDS.indexOf((this as HTMLElement).dataset.reorderId ?? '');
        return (at < 0 ? new DOMRect(0, 0, 200, HEIGHT) : new DOMRect(0, (at * ROW) - scrollTop, 200, ROW));
    });
    return scroller;
}

const pointer = (target: Document | Element, type: string, clientY: number) => fireEvent(target, new MouseEvent(type, {bubbles: true, clientY}));
const pass = (milliseconds: number) => act(() => void vi.advanceTimersByTime(milliseconds));

beforeEach(() => {
    freshHost();
    vi.useFakeTimers();
    vi.stubGlobal('DOMRect', class {
        constructor(readonly left: number, readonly top: number, readonly width: number, readonly height: number) {}

        get bottom() {
            return this.top + this.height;
        }
    });
    moves.splice(0);
});

afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

it('scrolls while a row is dragged to the edge, so that it gets past the visible part', () => {
    const scroller = show();
    pointer(screen.getByLabelText('move row0'), 'pointerdown', 10);
    pointer(document, 'pointermove', 98);
    pass(100);
    expect(scroller.scrollTop).toBeGreaterThan(0);
    pass(2000);
    expect(scroller.scrollTop).toBe((IDS.length * ROW) - HEIGHT);
    pointer(document, 'pointerup', 98);
    expect(moves).toEqual([['row0', 19]]);
});

it('scrolls back at the other edge, and not in between', () => {
    const scroller = show();
    scroller.scrollTop = 200;
    pointer(screen.getByLabelText('move row12'), 'pointerdown', 50);
    pass(1000);
    expect(scroller.scrollTop).toBe(200);
    pointer(document, 'pointermove', -30);
    pass(2000);
    expect(scroller.scrollTop).toBe(0);
    pointer(document, 'pointerup', -30);
    expect(moves).toEqual([['row12', 0]]);
});

it('stops scrolling when the row is dropped or dragging is cancelled', () => {
    const scroller = show();
    pointer(screen.getByLabelText('move row0'), 'pointerdown', 98);
    fireEvent.keyDown(document, {key: 'Escape'});
    pass(1000);
    expect(scroller.scrollTop).toBe(0);
    expect(moves).toEqual([]);
});

it('scrolls as far on a slow machine, where steps come late', () => {
    const scroller = show();
    pointer(screen.getByRole('button', {name: 'move row0'}), 'pointerdown', 10);
    pointer(document, 'pointermove', HEIGHT);
    const start = performance.now();
    pass(16);
    const inTime = scroller.scrollTop;
    vi.spyOn(performance, 'now').mockReturnValue(start + 16 + 80);
    pass(16);
    expect(scroller.scrollTop - inTime).toBe(5 * inTime);
});
