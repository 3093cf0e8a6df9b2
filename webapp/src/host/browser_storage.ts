import {PLUGIN_ID} from 'src/manifest';

/**
 * What is kept in this browser until it is saved, also when the tab is closed. Each value belongs to one user: others who sign in
 * with the same browser do not get it, and do not remove it.
 */
const prefix = `${PLUGIN_ID}:unsaved:`;
const nameOf = (userId: string, name: string) => `${prefix}${userId}:${name}`;

/** What nobody came back for is removed after so long, in milliseconds. */
const KEEP_MS = 30 * 24 * 60 * 60_000;

interface Kept {
    at: number;
    value: unknown;
}

function read(key: string): Kept | undefined {
    try {
        const kept = JSON.parse(window.localStorage.getItem(key) ?? 'null') as Partial<Kept> | null;
        return kept && typeof kept.at === 'number' ? kept as Kept : undefined;
    } catch {
        // It is damaged, or there is no storage.
        return undefined;
    }
}

function removeOld(): void {
    Object.keys(window.localStorage).filter((key) => key.startsWith(prefix)).forEach((key) => {
        const kept = read(key);
        if (!kept || kept.at < Date.now() - KEEP_MS) {
            window.localStorage.removeItem(key);
        }
    });
}

/** Keeps a value that can be written as JSON; undefined removes it. Answers whether that was possible. */
export function keepInBrowser(userId: string, name: string, value: unknown): boolean {
    try {
        if (value === undefined) {
            window.localStorage.removeItem(nameOf(userId, name));
        } else {
            window.localStorage.setItem(nameOf(userId, name), JSON.stringify({at: Date.now(), value}));
            removeOld();
        }
        return true;
    } catch {
        return false;
    }
}

/** What was kept for the user; undefined when there is nothing. The caller has to check its form: it may be of another version. */
export function keptInBrowser(userId: string, name: string): unknown {
    return read(nameOf(userId, name))?.value;
}
