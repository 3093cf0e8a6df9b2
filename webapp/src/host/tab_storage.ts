import {PLUGIN_ID} from 'src/manifest';

/**
 * What is kept for as long as the browser tab lives, over reloads and upgrades of the plugin. Each value belongs to one user:
 * the user who signs in next in the same tab does not get it.
 */
const nameOf = (name: string) => `${PLUGIN_ID}:${name}`;

/** Keeps a value that can be written as JSON; undefined removes it. A full or forbidden storage keeps nothing. */
export function keepInTab(userId: string, name: string, value: unknown): void {
    try {
        if (value === undefined) {
            window.sessionStorage.removeItem(nameOf(name));
        } else {
            window.sessionStorage.setItem(nameOf(name), JSON.stringify({user: userId, value}));
        }
    } catch {
        // The older value must not come back in place of this one.
        removeQuietly(name);
    }
}

/** What was kept for the user; undefined when there is nothing. The caller has to check its form: it may be of another version. */
export function keptInTab(userId: string, name: string): unknown {
    try {
        const kept = JSON.parse(window.sessionStorage.getItem(nameOf(name)) ?? 'null') as {user?: unknown; value?: unknown} | null;
        return kept?.user === userId ? kept.value : undefined;
    } catch {
        return undefined;
    }
}

function removeQuietly(name: string): void {
    try {
        window.sessionStorage.removeItem(nameOf(name));
    } catch {
        // There is no storage.
    }
}
