import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {removeToast, showNews, showToast} from 'src/ui/toast';

const WIDTH = 360;
const HEIGHT = 40;

/** Where there is a button: areas of the window, in pixels. */
let buttons: Array<{left: number; right: number; top: number; bottom: number}>;

const box = () => {
    const {left, top} = document.querySelector<HTMLElement>('[data-testid=incident-toast]')!.style;
    const [x, y] = [parseInt(left, 10), parseInt(top, 10)];
    return {left: x, right: x + WIDTH, top: y, bottom: y + HEIGHT};
};
const isCovered = (one: typeof buttons[number]) => one.left < box().right && one.right > box().left && one.top < box().bottom && one.bottom > box().top;

beforeEach(() => {
    vi.useFakeTimers();
    buttons = [];
    const button = document.body.appendChild(document.createElement('button'));
    vi.spyOn(document, 'elementFromPoint').mockImplementation((x, y) =>
        (buttons.some(({left, right, top, bottom}) => x >= left && x < right && y >= top && y < bottom) ? button : document.body));
    vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(WIDTH);
    vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(HEIGHT);
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(() => ({...box(), width: WIDTH, height: HEIGHT}) as DOMRect);
    Object.assign(window, {innerWidth: 1440, innerHeight: 900});
});

afterEach(() => {
    removeToast();
    document.body.innerHTML = '';
    vi.restoreAllMocks();
    vi.useRealTimers();
});

it('a toast is at the end of the window when there is nothing to press', () => {
    showToast('Failed');
    expect(box()).toMatchObject({right: 1416});
    expect(box().bottom).toBeGreaterThan(840);
});

it('it stands above the buttons at the foot of the sidebar', () => {
    buttons = [{left: 1060, right: 1420, top: 850, bottom: 886}, {left: 1100, right: 1130, top: 790, bottom: 820}];
    showToast('Failed');
    expect(box()).toMatchObject({right: 1416});
    expect(buttons.some(isCovered)).toBe(false);
});

it('it stands beside a sidebar that is full of them', () => {
    buttons = [{left: 1040, right: 1440, top: 0, bottom: 900}];
    showToast('Failed');
    expect(buttons.some(isCovered)).toBe(false);
});

it('it moves when there are others below it, as when a dialog was closed', () => {
    showNews('Added');
    const before = box();
    buttons = [{left: 1060, right: 1420, top: 840, bottom: 886}];
    expect(isCovered(buttons[0]!)).toBe(true);
    vi.advanceTimersByTime(300);
    expect(isCovered(buttons[0]!)).toBe(false);
    expect(box().left).toBe(before.left);
});

it('where there is no room, what it covers can be pressed', () => {
    buttons = [{left: 0, right: 1440, top: 0, bottom: 900}];
    showToast('Failed');
    expect(document.querySelector('[data-testid=incident-toast]')).toHaveStyle({pointerEvents: 'none'});
    vi.advanceTimersByTime(9000);
    expect(document.querySelector('[data-testid=incident-toast]')).toBeNull();
});
