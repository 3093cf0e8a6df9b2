import {createBrowserHistory} from 'history';

/** Sub-path the server is published under, without a slash at its end: '' for the usual root. */
export const basename: string = (() => {
    const publicPath = (window as {publicPath?: string}).publicPath ?? '/static/';
    return publicPath.replace(/\/?static\/$/, '');
})();

/**
 * A copy, as in real clients: its `location`, `length` and `action` stay those of the first page, so that plugins that
 * read them there fail here first. The router tells where one is.
 */
export const browserHistory = {...createBrowserHistory({basename})};
