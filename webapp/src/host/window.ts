import {ReactNode} from 'react';

/** Options of the host's Markdown renderer that are used here. */
export interface FormatOptions {
    atMentions?: boolean;
    singleline?: boolean;
    channelNamesMap?: Record<string, unknown>;
    team?: unknown;
    siteURL?: string;
}

interface PostUtils {
    formatText(text: string, options?: FormatOptions): string;
    messageHtmlToComponent(html: string, isRHS: boolean, options?: Record<string, unknown>): ReactNode;
}

interface BrowserHistory {
    push(path: string): void;
}

declare global {
    interface Window {
        PostUtils?: PostUtils;
        WebappUtils?: {browserHistory: BrowserHistory};
        registerPlugin?(id: string, plugin: unknown): void;

        /** What bundles registered, by the plugin's id. It stays after the plugin was disabled. */
        plugins?: Record<string, {uninitialize?(): void} | undefined>;
    }
}

/** Width in CSS pixels up to which the host shows its narrow layout. */
export const NARROW_WIDTH = 768;

export const isNarrow = () => window.innerWidth <= NARROW_WIDTH;

/** Goes to a path of routes.ts without loading the page again. */
export function navigate(path: string): void {
    window.WebappUtils?.browserHistory.push(path);
}
