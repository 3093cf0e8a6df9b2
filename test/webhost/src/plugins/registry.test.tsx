import React from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {pluginEvents} from '../socket/handlers';
import {executeCommand} from '../store/messages';
import {store} from '../store';

import {bundleURL, registeredPlugins, registerPlugin} from './loader';
import {PluginRegistry, toNode} from './registry';

const components = (name: string) => store.getState().plugins.components[name] ?? [];
const message = (event: string) => ({
    event, data: {}, seq: 1, broadcast: {omit_users: null, user_id: '', channel_id: '', team_id: ''},
});

let registry: PluginRegistry;
beforeEach(() => {
    store.dispatch({type: 'REMOVED_WEBAPP_PLUGIN', data: {id: 'one'}});
    pluginEvents.forget('one');
    registry = new PluginRegistry('one');
});

describe('PluginRegistry', () => {
    it('keeps a reducer under the key of the plugin, and its state when another is added', () => {
        const count = (state = 0, action: {type: string}) => (action.type === 'ONE_UP' ? state + 1 : state);
        registry.registerReducer(count);
        store.dispatch({type: 'ONE_UP'});
        new PluginRegistry('two').registerReducer((state = 'two') => state);
        expect(store.getState()).toMatchObject({'plugins-one': 1, 'plugins-two': 'two'});
    });

    it('takes back one registration by its id', () => {
        const id = registry.registerMainMenuAction('Entry', () => undefined, null);
        registry.registerMainMenuAction('Other', () => undefined, null);
        registry.unregisterComponent(id);
        expect(components('MainMenu').map((one) => one.text)).toEqual(['Other']);
    });

    it('shows a header button in both bars under one id', () => {
        const id = registry.registerChannelHeaderButtonAction(<i/>, () => undefined, 'Text', 'Tip');
        expect(components('ChannelHeaderButton')[0]?.id).toBe(id);
        expect(components('MobileChannelHeaderButton')[0]?.id).toBe(id);
    });

    it('opens and closes the sidebar by the returned actions', () => {
        const rhs = registry.registerRightHandSidebarComponent(() => null, 'Title');
        store.dispatch(rhs.toggleRHSPlugin);
        expect(store.getState().views.rhs).toMatchObject({isSidebarOpen: true, rhsState: 'plugin', pluggableId: rhs.id});
        store.dispatch(rhs.toggleRHSPlugin);
        expect(store.getState().views.rhs).toMatchObject({isSidebarOpen: false, pluggableId: ''});
        store.dispatch(rhs.showRHSPlugin);
        store.dispatch(rhs.hideRHSPlugin);
        expect(store.getState().views.rhs.isSidebarOpen).toBe(false);
    });

    it('leaves another sidebar open when hiding its own', () => {
        const rhs = registry.registerRightHandSidebarComponent(() => null, 'Title');
        store.dispatch({type: 'UPDATE_RHS_STATE', state: 'flag'});
        store.dispatch(rhs.hideRHSPlugin);
        expect(store.getState().views.rhs.rhsState).toBe('flag');
    });

    it('puts routes below the plugin\'s id, in the order of registration', () => {
        registry.registerNeedsTeamRoute('/error', () => null);
        registry.registerNeedsTeamRoute('/', () => null);
        expect(components('NeedsTeamComponent').map((one) => one.route)).toEqual(['one/error', 'one/']);
    });

    it('delivers events to the last handler, until it is taken back, past a failing plugin', () => {
        const first = vi.fn();
        const second = vi.fn();
        const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
        pluginEvents.on('broken', 'x', () => {
            throw new Error('broken');
        });
        registry.registerWebSocketEventHandler('x', first);
        registry.registerWebSocketEventHandler('x', second);
        pluginEvents.deliver(message('x'));
        registry.unregisterWebSocketEventHandler('x');
        pluginEvents.deliver(message('x'));
        expect(first).not.toHaveBeenCalled();
        expect(second).toHaveBeenCalledTimes(1);
        expect(error).toHaveBeenCalledTimes(2);
        pluginEvents.forget('broken');
        error.mockRestore();
    });

    it('calls the reconnect handler until it is taken back', () => {
        const handler = vi.fn();
        registry.registerReconnectHandler(handler);
        pluginEvents.reconnected();
        registry.unregisterReconnectHandler();
        pluginEvents.reconnected();
        expect(handler).toHaveBeenCalledTimes(1);
    });

    it('asks for texts in the language of the user', () => {
        registry.registerTranslations((locale) => ({hello: `hello ${locale}`}));
        expect(store.getState().views.i18n.translations.en).toMatchObject({hello: 'hello en'});
    });

    it('makes elements of components', () => {
        expect(React.isValidElement(toNode(() => null))).toBe(true);
        expect(React.isValidElement(toNode(React.memo(() => null)))).toBe(true);
        expect(toNode('text')).toBe('text');
    });
});

describe('slash command hooks', () => {
    const sent = () => vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{"trigger_id":"t1"}'));

    it('send what the hook made of the command and keep the trigger of the answer', async () => {
        const fetch = sent();
        registry.registerSlashCommandWillBePostedHook(((_: string, args: object) => ({message: '/changed', args})) as never);
        expect(await store.dispatch(executeCommand('/given', 'channel'))).toEqual({});
        expect(JSON.parse(String(fetch.mock.calls[0]?.[1]?.body))).toMatchObject({command: '/changed', channel_id: 'channel'});
        expect(store.getState().entities.integrations.dialogTriggerId).toBe('t1');
        fetch.mockRestore();
    });

    it.each([
        ['nothing is changed by no answer', undefined, {}, 1],
        ['an empty answer sends nothing', {}, {}, 0],
        ['an error is shown', {error: {message: 'no'}}, {error: 'no'}, 0],
    ])('%s', async (_, answer, result, requests) => {
        const fetch = sent();
        registry.registerSlashCommandWillBePostedHook((async () => answer) as never);
        expect(await store.dispatch(executeCommand('/given', 'channel'))).toEqual(result);
        expect(fetch).toHaveBeenCalledTimes(requests);
        fetch.mockRestore();
    });
});

describe('loader', () => {
    it('finds the bundle where the server serves plugins from', () => {
        const manifest = (path: string) => ({id: 'one', version: '1', webapp: {bundle_path: path}});
        expect(bundleURL(manifest('/static/one/x.js'))).toBe('/static/plugins/one/x.js');
        expect(bundleURL(manifest('/static/plugins/one/x.js'))).toBe('/static/plugins/one/x.js');
    });

    it('leaves it to the newer of two instances to end the older', () => {
        const uninitialize = vi.fn();
        const next = {};
        registerPlugin('one', {uninitialize});
        registerPlugin('one', next);
        expect(uninitialize).not.toHaveBeenCalled();
        expect(registeredPlugins.one).toBe(next);
    });
});
