import {AnyAction} from 'redux';

import {HostState, REDUCER_KEY} from 'src/host/store';
import {keepInTab, keptInTab} from 'src/host/tab_storage';
import {PLUGIN_ID} from 'src/manifest';

/** What is kept in the host's store: the little that must be read at once, outside React too. */
export interface PluginState {
    /** This plugin's sidebar is on the screen. */
    sidebarOpen: boolean;

    /** Channel in which the user asked for the list instead of the incident; '' is none. */
    listAskedIn: string;

    /** Key of the last tab per channel. */
    tabs: Record<string, string | undefined>;

    /** Identifies the start that this browser tab made last; '' before the first. */
    clientId: string;
}

const TABS = 'sidebar-tabs';
const MOST_TABS = 100;

/** Tabs are no secret, so they are kept for all users of the browser's tab. */
const ANYBODY = '';

function keptTabs(): PluginState['tabs'] {
    const kept = keptInTab(ANYBODY, TABS);
    const entries = typeof kept === 'object' && kept !== null ? Object.entries(kept) : [];
    return Object.fromEntries(entries.filter(([, tab]) => typeof tab === 'string'));
}

/** Keeps the tabs that are chosen over a reload. */
export function keepTab(channelId: string, tab: string): void {
    const others = Object.entries(keptTabs()).filter(([id]) => id !== channelId);
    keepInTab(ANYBODY, TABS, Object.fromEntries([...others, [channelId, tab]].slice(-MOST_TABS)));
}

const initial = (): PluginState => ({sidebarOpen: false, listAskedIn: '', tabs: keptTabs(), clientId: ''});

const type = (name: string) => `${PLUGIN_ID}_${name}`;
const SIDEBAR_OPEN = type('sidebar_open');
const LIST_ASKED = type('list_asked');
const TAB_CHOSEN = type('tab_chosen');
const START_REQUESTED = type('start_requested');

export const setSidebarOpen = (open: boolean) => ({type: SIDEBAR_OPEN, open});

/** '' shows the incident again. */
export const askForList = (channelId: string) => ({type: LIST_ASKED, channelId});
export const chooseTab = (channelId: string, tab: string) => ({type: TAB_CHOSEN, channelId, tab});
export const startRequested = (clientId: string) => ({type: START_REQUESTED, clientId});

export function reducer(state: PluginState = initial(), action: AnyAction): PluginState {
    switch (action.type) {
    case SIDEBAR_OPEN:
        return {...state, sidebarOpen: action.open, listAskedIn: ''};
    case LIST_ASKED:
        return state.listAskedIn === action.channelId ? state : {...state, listAskedIn: action.channelId};
    case TAB_CHOSEN:
        return {...state, tabs: {...state.tabs, [action.channelId]: action.tab}};
    case START_REQUESTED:
        return {...state, clientId: action.clientId};
    default:
        return state;
    }
}

const NONE: PluginState = {sidebarOpen: false, listAskedIn: '', tabs: {}, clientId: ''};

/** This plugin's part of the host's store. */
export const pluginState = (state: HostState): PluginState => (state as unknown as Record<string, PluginState | undefined>)[REDUCER_KEY] ?? NONE;
export const isPluginSidebarOpen = (state: HostState) => pluginState(state).sidebarOpen;

/** '' when none was chosen. It may be a tab that no longer exists. */
export const tabOf = (state: HostState, channelId: string) => pluginState(state).tabs[channelId] ?? '';
export const clientIdOf = (state: HostState) => pluginState(state).clientId;
export const isListAsked = (state: HostState, channelId: string) => channelId !== '' && pluginState(state).listAskedIn === channelId;
