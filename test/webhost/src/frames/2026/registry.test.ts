import {beforeEach, expect, it} from 'vitest';

import {store} from '../../store';

import {PluginRegistry2026} from './registry';

const components = (name: string) => store.getState().plugins.components[name] ?? [];
let registry: PluginRegistry2026;
beforeEach(() => {
    store.dispatch({type: 'REMOVED_WEBAPP_PLUGIN', data: {id: 'one'}});
    registry = new PluginRegistry2026('one');
});

it('takes arguments in order, or as one object', () => {
    const action = () => undefined;
    registry.registerMainMenuAction('In order', action, null);
    (registry.registerMainMenuAction as (given: object) => string)({text: 'As object', action, mobileIcon: null});
    expect(components('MainMenu').map(({text, action: given}) => [text, given])).toEqual([['In order', action], ['As object', action]]);
    registry.registerAppBarComponent('data:', action, 'Tip');
    expect(components('AppBar')[0]).toMatchObject({iconUrl: 'data:', action, tooltipText: 'Tip', pluginId: 'one'});
});

it('takes a lone component for what it is', () => {
    const component = () => null;
    registry.registerRootComponent(component);
    expect(components('Root')[0]?.component).toBe(component);
});

it('says what it supports', () => {
    expect(registry.supports).toEqual({globalAppBar: true, globalRhs: true});
});
