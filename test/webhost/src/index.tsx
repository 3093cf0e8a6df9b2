import './globals';

import React from 'react';
import ReactDOM from 'react-dom';
import {Provider} from 'react-redux';

import {client} from './client';
import {App} from './components/app';
import {is2026} from './frame';
import {HostTexts} from './frames/2026/texts';
import {syncPlugins} from './plugins/loader';
import {loadMe} from './store/actions';
import {store} from './store';

async function start() {
    const root = document.getElementById('root');
    if (!root) {
        throw new Error('root.html has no element "root"');
    }
    try {
        store.dispatch({type: 'CLIENT_CONFIG_RECEIVED', data: await client.config()});
        await store.dispatch(loadMe());
        await syncPlugins();
    } catch (error) {
        console.error(error);
        root.textContent = 'The server cannot be reached. Reload the page to try again.';
        return;
    }
    const page = <Provider store={store}>{is2026 ? <HostTexts><App/></HostTexts> : <App/>}</Provider>;
    if (is2026) {
        (ReactDOM as unknown as {createRoot: (into: Element) => {render: (what: React.ReactElement) => void}}).createRoot(root).render(page);
    } else {
        ReactDOM.render(page, root);
    }
}

void start();
