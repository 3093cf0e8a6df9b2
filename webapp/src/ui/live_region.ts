let region: HTMLElement | undefined;
let timer: number | undefined;

/** Has screen readers say a sentence when they are next idle. For changes that others make or that are not seen at the focus. */
export function announce(text: string): void {
    if (!region) {
        region = document.createElement('div');
        region.setAttribute('role', 'status');
        region.setAttribute('aria-live', 'polite');
        region.setAttribute('data-testid', 'incident-live-region');
        Object.assign(region.style, {position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap'});
        document.body.appendChild(region);
    }
    const target = region;
    window.clearTimeout(timer);
    target.textContent = '';
    // The region has to be empty for a moment, or the same sentence would not be said twice.
    timer = window.setTimeout(() => {
        target.textContent = text;
    }, 50);
}

export function removeLiveRegion(): void {
    window.clearTimeout(timer);
    region?.remove();
    region = undefined;
}
