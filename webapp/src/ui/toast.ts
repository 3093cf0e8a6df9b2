import {announce} from 'src/ui/live_region';

const SHOWN_MS = 8000;

let box: HTMLElement | undefined;
let timer: number | undefined;

export function removeToast(): void {
    window.clearTimeout(timer);
    box?.remove();
    box = undefined;
}

function show(text: string, colour: string): HTMLElement {
    removeToast();
    box = document.createElement('div');
    Object.assign(box.style, {
        position: 'fixed',
        insetInlineEnd: '24px',
        bottom: '24px',
        zIndex: '2100',
        maxWidth: '360px',
        padding: '12px 16px',
        borderRadius: '4px',
        borderInlineStart: `3px solid var(${colour})`,
        background: 'var(--center-channel-bg)',
        color: 'var(--center-channel-color)',
        boxShadow: '0 8px 24px rgba(0, 0, 0, 0.24)',
    });
    box.textContent = text;
    document.body.appendChild(box);
    timer = window.setTimeout(removeToast, SHOWN_MS);
    return box;
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
