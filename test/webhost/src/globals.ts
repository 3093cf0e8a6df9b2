// The names plugins find on `window` in every Mattermost client, and no others; frames/2026 adds to them.
import PropTypes from 'prop-types';
import React from 'react';
import * as ReactBootstrap from 'react-bootstrap';
import ReactDOM from 'react-dom';
import * as ReactRedux from 'react-redux';
import * as ReactRouterDom from 'react-router-dom';
import * as Redux from 'redux';
import regeneratorRuntime from 'regenerator-runtime';

import {Textbox} from './components/textbox';
import {is2026} from './frame';
import {basename, browserHistory, isPopout} from './history';
import {formatText, messageHtmlToComponent} from './markdown';
import {registeredPlugins, registerPlugin} from './plugins/loader';
import {store} from './store';
import type {OpenDialog} from './types';

/** Opens a dialog a plugin describes itself, without a round trip to its server. */
function openInteractiveDialog(dialog: OpenDialog) {
    store.dispatch({type: 'RECEIVED_DIALOG', data: dialog});
    store.dispatch({type: 'RECEIVED_DIALOG_TRIGGER_ID', data: dialog.trigger_id});
}

Object.assign(window, {
    React,
    ReactDOM,
    Redux,
    ReactRedux,
    ReactBootstrap,
    ReactRouterDom,
    PropTypes,
    regeneratorRuntime,
    PostUtils: {formatText, messageHtmlToComponent},
    WebappUtils: {browserHistory, ...is2026 && {popouts: {isPopoutWindow: () => isPopout, canPopout: () => true}}},
    basename,
    Components: {Textbox},
    openInteractiveDialog,
    plugins: registeredPlugins,
    registerPlugin,
});
