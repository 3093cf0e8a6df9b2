import {announce} from 'src/ui/live_region';

const SHOWN_MS = 8000;

/** How often a toast looks whether the page below it has changed. */
const LOOK_MS = 250;

/** Distance from the edges of the window, in pixels. */
const MARGIN = 24;

/** Distance of the points at which the page is looked at, in pixels; less than the size of the smallest button. */
const STEP = 12;

const ACTIONS = 'a, button, input, select, textarea, label, [role=button], [role=link], [role=tab], [role^=menuitem], [contenteditable=true]';

let box: HTMLElement | undefined;
let timer: number | undefined;
let looks: number | undefined;

export function removeToast(): void {
    window.clearTimeout(timer);
    window.clearInterval(looks);
    box?.remove();
    box = undefined;
}

/** At how many points of a line of the window there is something to press. What is hidden or covered does not count. */
function actionsInLine(left: number, width: number, y: number): number {
    let count = 0;
    for (let x = left; x <= left + width; x += STEP) {
        count += Number(Boolean(document.elementFromPoint(x, y)?.closest(ACTIONS)));
    }
    return count;
}

/** The lowest place of a column that covers no action, or the one that covers the fewest. */
function lowestFree(left: number, width: number, height: number): {top: number; covered: number} {
    const lines = Math.ceil(height / STEP) + 2;
    const counts: number[] = [];
    let best = {top: window.innerHeight - MARGIN - height, covered: Infinity};
    for (let bottom = window.innerHeight - MARGIN; bottom > MARGIN; bottom -= STEP) {
        counts.push(actionsInLine(left, width, bottom));
        if (counts.length >= lines) {
            const covered = counts.slice(-lines).reduce((sum, count) => sum + count, 0);
            if (covered < best.covered) {
                best = {top: bottom + STEP, covered};
            }
            if (covered === 0) {
                break;
            }
        }
    }
    return best;
}

/** Puts a toast at the end of the window, in its middle or at its start: where it covers nothing that can be pressed. False if there is no such place. */
function place(toast: HTMLElement): boolean {
    const {offsetWidth: width, offsetHeight: height} = toast;
    const last = window.innerWidth - width - MARGIN;
    const columns = [last, Math.round((window.innerWidth - width) / 2), MARGIN];
    if (getComputedStyle(toast).direction === 'rtl') {
        columns.reverse();
    }
    let best = {left: columns[0] ?? MARGIN, top: 0, covered: Infinity};
    for (const left of new Set(columns)) {
        const found = lowestFree(left, width, height);
        if (found.covered < best.covered) {
            best = {left, ...found};
        }
        if (found.covered === 0) {
            break;
        }
    }
    toast.style.left = `${best.left}px`;
    toast.style.top = `${best.top}px`;
    return best.covered === 0;
}

function coversActions(toast: HTMLElement): boolean {
    const {left, top, width, bottom} = toast.getBoundingClientRect();
    for (let y = top; y <= bottom; y += STEP) {
        if (actionsInLine(left, width, y) > 0) {
            return true;
        }
    }
    return false;
}

function show(text: string, colour: string): HTMLElement {
    removeToast();
    const toast = document.createElement('div');
    Object.assign(toast.style, {
        position: 'fixed',
        zIndex: '2100',
        boxSizing: 'border-box',
        width: 'max-content',
        maxWidth: `min(360px, calc(100vw - ${2 * MARGIN}px))`,
        padding: '12px 16px',
        borderRadius: '4px',
        borderInlineStart: `3px solid var(${colour})`,
        background: 'var(--center-channel-bg)',
        color: 'var(--center-channel-color)',
        boxShadow: '0 8px 24px rgba(0, 0, 0, 0.24)',

        // Nothing in it can be pressed: where there is no other place, what is below it still can.
        pointerEvents: 'none',
    });
    toast.dataset.testid = 'incident-toast';
    toast.textContent = text;
    document.body.appendChild(toast);
    place(toast);

    // What asked for it may be a dialog that is closed next.
    looks = window.setInterval(() => {
        if (coversActions(toast) && !place(toast)) {
            window.clearInterval(looks);
        }
    }, LOOK_MS);
    timer = window.setTimeout(removeToast, SHOWN_MS);
    box = toast;
    return toast;
}

/** Tells that something failed whose control is no longer on the screen, such as a menu entry. */
export function showToast(text: string): void {
    show(text, '--error-text').setAttribute('role', 'alert');
}

/** Tells that something was done whose control is no longer on the screen. */
export function showNews(text: string): void {
    show(text, '--button-bg');
    announce(text);
}
