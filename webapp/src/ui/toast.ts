const SHOWN_MS = 8000;

let box: HTMLElement | undefined;
let timer: number | undefined;

export function removeToast(): void {
    window.clearTimeout(timer);
    box?.remove();
    box = undefined;
}

/** Tells that something failed whose control is no longer on the screen, such as a menu entry. */
export function showToast(text: string): void {
    removeToast();
    box = document.createElement('div');
    box.setAttribute('role', 'alert');
    Object.assign(box.style, {
        position: 'fixed',
        insetInlineEnd: '24px',
        bottom: '24px',
        zIndex: '2100',
        maxWidth: '360px',
        padding: '12px 16px',
        borderRadius: '4px',
        borderInlineStart: '3px solid var(--error-text)',
        background: 'var(--center-channel-bg)',
        color: 'var(--center-channel-color)',
        boxShadow: '0 8px 24px rgba(0, 0, 0, 0.24)',
    });
    box.textContent = text;
    document.body.appendChild(box);
    timer = window.setTimeout(removeToast, SHOWN_MS);
}
