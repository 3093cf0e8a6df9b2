import {basePath} from 'src/site';

const LEAVING_MS = 3000;

let begun = -Infinity;

/** Address of the host's login, which leads back to the present page. */
export function signInUrl(): string {
    const base = basePath();
    const {pathname, search} = window.location;
    const here = (pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname) + search;
    return `${base}/login?redirect_to=${encodeURIComponent(here)}`;
}

/** Says that the page is left for the login now. */
export function beginSignIn(): void {
    begun = performance.now();
}

/** Whether the page is being left for the login. What is typed is kept then, so that nothing has to be asked. */
export function isSigningIn(): boolean {
    return performance.now() - begun < LEAVING_MS;
}
