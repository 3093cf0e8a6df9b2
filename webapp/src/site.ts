declare global {
    interface Window {
        /** Path below which the site is served, without a final slash; '' or absent at the root. Set by the host. */
        basename?: string;
    }
}

/** Path of the site, without a final slash. */
export function basePath(): string {
    return (window.basename ?? '').replace(/\/+$/, '');
}
