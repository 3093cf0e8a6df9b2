import {createBrowserHistory} from 'history';

import {is2026} from './frame';

/** Sub-path the server is published under, without a slash at its end: '' for the usual root. */
export const basename: string = (() => {
    const publicPath = (window as {publicPath?: string}).publicPath ?? '/static/';
    return publicPath.replace(/\/?static\/$/, '');
})();

const history = createBrowserHistory({basename});

/** Whether this window shows one part of the page, opened by a button of the page's own window. */
export const isPopout = is2026 && history.location.pathname.startsWith('/_popout/');

if (isPopout) {
    // Ways to other pages lead there in the window that opened this one.
    const lead = (path: unknown) => (window.opener as Window & {WebappUtils?: {browserHistory: typeof history}} | null)?.WebappUtils?.browserHistory.push(path as string);
    history.push = lead;
    history.replace = lead;
}

/**
 * A copy, as in real clients: its `location`, `length` and `action` stay those of the first page, so that plugins that
 * read them there fail here first. The router tells where one is.
 */
export const browserHistory = {...history};
