import {combineReducers, type AnyAction} from 'redux';

import type {Dictionary} from '../types';

import type {ModalKind, State} from './types';

type Rhs = State['views']['rhs'];

const rhsInitial: Rhs = {
    selectedPostId: '', rhsState: null, previousRhsStates: [], searchTerms: '', pluggableId: '', flaggedPostIds: null,
    isSidebarOpen: false, isSidebarExpanded: false, isMenuOpen: false,
};

function rhs(state: Rhs = rhsInitial, action: AnyAction): Rhs {
    switch (action.type) {
    case 'UPDATE_RHS_STATE':
        return {
            ...state,
            rhsState: action.state,
            pluggableId: action.state === 'plugin' ? action.pluggableId : '',
            isSidebarOpen: Boolean(action.state),
            isSidebarExpanded: action.state ? state.isSidebarExpanded : false,
        };
    case 'SET_RHS_EXPANDED':
        return {...state, isSidebarExpanded: action.expanded};
    case 'TOGGLE_RHS_EXPANDED':
        return {...state, isSidebarExpanded: !state.isSidebarExpanded};
    case 'FLAGGED_POSTS':
        return {...state, flaggedPostIds: action.data};
    case 'TOGGLE_LHS':
    case 'OPEN_LHS':
        return {...state, isSidebarOpen: false, rhsState: null, pluggableId: ''};
    case 'REMOVED_PLUGIN_COMPONENT':
        return state.pluggableId && state.pluggableId === action.id ? rhsInitial : state;
    default:
        return state;
    }
}

function rhsSuppressed(state = false, action: AnyAction) {
    return action.type === 'SUPPRESS_RHS' || (action.type !== 'UNSUPPRESS_RHS' && state);
}

function lhs(state = {isOpen: false}, action: AnyAction) {
    switch (action.type) {
    case 'TOGGLE_LHS':
        return {isOpen: !state.isOpen};
    case 'OPEN_LHS':
        return {isOpen: true};
    case 'CLOSE_LHS':
    case 'SELECT_CHANNEL':
        return state.isOpen ? {isOpen: false} : state;
    default:
        return state;
    }
}

function i18n(state: {translations: Dictionary<Dictionary<string>>} = {translations: {}}, action: AnyAction) {
    if (action.type !== 'RECEIVED_TRANSLATIONS') {
        return state;
    }
    const {locale, translations} = action.data;
    return {...state, translations: {...state.translations, [locale]: {...state.translations[locale], ...translations}}};
}

function modals(state: {open: ModalKind | null} = {open: null}, action: AnyAction) {
    return action.type === 'MODAL' ? {open: action.data} : state;
}

function notice(state = {text: ''}, action: AnyAction) {
    return action.type === 'NOTICE' ? {text: action.data} : state;
}

function composer(state = {editingPostId: ''}, action: AnyAction) {
    return action.type === 'EDIT_POST' ? {editingPostId: action.data} : state;
}

export const views = combineReducers<State['views']>({rhs, rhsSuppressed, lhs, i18n, modals, notice, composer});

export function websocket(
    state: State['websocket'] = {connected: false, lastConnectAt: 0, lastDisconnectAt: 0},
    action: AnyAction,
) {
    switch (action.type) {
    case 'WEBSOCKET_SUCCESS':
        return {...state, connected: true, lastConnectAt: action.timestamp};
    case 'WEBSOCKET_FAILURE':
        return {...state, connected: false, lastDisconnectAt: action.timestamp};
    default:
        return state;
    }
}
