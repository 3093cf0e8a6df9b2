import {combineReducers, type AnyAction} from 'redux';

import type {Dictionary, PluginManifest} from '../types';

import type {PluginComponent, State} from './types';

function plugins(state: Dictionary<PluginManifest> = {}, action: AnyAction) {
    switch (action.type) {
    case 'RECEIVED_WEBAPP_PLUGINS':
        return Object.fromEntries(action.data.map((manifest: PluginManifest) => [manifest.id, manifest]));
    case 'RECEIVED_WEBAPP_PLUGIN':
        return {...state, [action.data.id]: action.data};
    case 'REMOVED_WEBAPP_PLUGIN': {
        const next = {...state};
        delete next[action.data.id];
        return next;
    }
    default:
        return state;
    }
}

function remove(state: Dictionary<PluginComponent[]>, gone: (one: PluginComponent) => boolean) {
    if (!Object.values(state).some((list) => list.some(gone))) {
        return state;
    }
    return Object.fromEntries(Object.entries(state).map(([kind, list]) => [kind, list.filter((one) => !gone(one))]));
}

function components(state: Dictionary<PluginComponent[]> = {}, action: AnyAction): Dictionary<PluginComponent[]> {
    switch (action.type) {
    case 'RECEIVED_PLUGIN_COMPONENT': {
        const list = [...(state[action.name] ?? []), action.data as PluginComponent];
        list.sort((a, b) => a.pluginId.localeCompare(b.pluginId));
        return {...state, [action.name]: list};
    }
    case 'REMOVED_PLUGIN_COMPONENT':
        return remove(state, (one) => one.id === action.id);
    case 'REMOVED_WEBAPP_PLUGIN':
        return remove(state, (one) => one.pluginId === action.data.id);
    default:
        return state;
    }
}

type PostTypes = State['plugins']['postTypes'];

function postTypes(state: PostTypes = {}, action: AnyAction): PostTypes {
    const keep = (kept: (one: PluginComponent) => boolean) =>
        Object.fromEntries(Object.entries(state).filter(([, one]) => kept(one)));
    switch (action.type) {
    case 'RECEIVED_PLUGIN_POST_COMPONENT':
        return {...state, [action.data.type]: action.data};
    case 'REMOVED_PLUGIN_POST_COMPONENT':
        return keep((one) => one.id !== action.id);
    case 'REMOVED_WEBAPP_PLUGIN':
        return keep((one) => one.pluginId !== action.data.id);
    default:
        return state;
    }
}

export const pluginState = combineReducers<State['plugins']>({plugins, components, postTypes});
