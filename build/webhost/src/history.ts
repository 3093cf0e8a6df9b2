import {createBrowserHistory} from 'history';

/** Sub-path the server is published under, without a slash at its end: '' for the usual root. */
export const basename: string = (() => {
    const publicPath = (window as {publicPath?: string}).publicPath ?? '/static/';
    return publicPath.replace(/\/?static\/$/, '');
})();

export const browserHistory = createBrowserHistory({basename});
