import {act, render} from '@testing-library/react';
import {createMemoryHistory} from 'history';
import React, {ReactElement} from 'react';
import {Provider} from 'react-redux';
import {Router} from 'react-router-dom';
import {AnyAction, createStore} from 'redux';
import {vi} from 'vitest';

import {clearCache, retryLimit} from 'src/query/client';
import {realtimeHandlers} from 'src/realtime/handlers';
import {confirmation} from 'src/store/incident_changes';
import {setUser} from 'src/store/my_incidents';
import {HostState, HostStore, REDUCER_KEY} from 'src/host/store';
import {PluginIntl} from 'src/i18n/provider';
import {pluginState, reducer} from 'src/state/reducer';
import {BORIS, ME, OTHER_TEAM, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {Channel, Post, User} from 'src/types/host_rest';

type Change = {type: 'TEST_CHANGE'; change: (state: HostState) => HostState};

const initialState = (): HostState => ({
    entities: {
        users: {currentUserId: ME.id, profiles: {[ME.id]: ME, [BORIS.id]: BORIS}},
        teams: {currentTeamId: TEAM.id, teams: {[TEAM.id]: TEAM, [OTHER_TEAM.id]: OTHER_TEAM}},
        channels: {currentChannelId: TOWN_SQUARE.id, channels: {[TOWN_SQUARE.id]: TOWN_SQUARE}},
        posts: {posts: {}},
        preferences: {myPreferences: {}},
        general: {config: {TeammateNameDisplay: 'full_name'}, license: {}},
    },
    views: {rhs: {isSidebarOpen: false}},
    plugins: {plugins: {}},
});

/** A store like the host's: the slices that are read, the actions that are dispatched, and this plugin's reducer. */
export function hostStore(): HostStore {
    const host = (state: HostState, action: AnyAction): HostState => {
        if (action.type === 'TEST_CHANGE') {
            return (action as Change).change(state);
        }
        if (action.type === 'RECEIVED_PROFILES_LIST') {
            const profiles = Object.fromEntries((action.data as User[]).map((user) => [user.id, user]));
            const {users} = state.entities;
            return {...state, entities: {...state.entities, users: {...users, profiles: {...users.profiles, ...profiles}}}};
        }
        if (action.type === 'RECEIVED_CHANNEL') {
            const channel = action.data as Channel;
            const {channels} = state.entities;
            return {...state, entities: {...state.entities, channels: {...channels, channels: {...channels.channels, [channel.id]: channel}}}};
        }
        return state;
    };
    return createStore((state: HostState | undefined, action: AnyAction) => {
        const next = host(state ?? initialState(), action);
        return {...next, [REDUCER_KEY]: reducer(pluginState(next), action)} as HostState;
    });
}

/** Alters the host's state as the host itself would. */
export function change(store: HostStore, how: (state: HostState) => HostState): void {
    act(() => {
        store.dispatch({type: 'TEST_CHANGE', change: how});
    });
}

export function goTo(store: HostStore, channelId: string, teamId = TEAM.id): void {
    change(store, (state) => ({
        ...state,
        entities: {
            ...state.entities,
            channels: {...state.entities.channels, currentChannelId: channelId},
            teams: {...state.entities.teams, currentTeamId: teamId},
        },
    }));
}

export function setRhsOpen(store: HostStore, isSidebarOpen: boolean): void {
    change(store, (state) => ({...state, views: {rhs: {isSidebarOpen}}}));
}

export function putPost(store: HostStore, post: Post): void {
    change(store, (state) => ({...state, entities: {...state.entities, posts: {posts: {...state.entities.posts.posts, [post.id]: post}}}}));
}

const listening: Array<() => void> = [];

/** The handlers of events and of a reconnect, until the next test. */
export function listen(store: HostStore, created: Parameters<typeof realtimeHandlers>[1] = vi.fn()) {
    const handlers = realtimeHandlers(store, created);
    listening.push(handlers.dispose);
    return handlers;
}

/** Forgets all data and gives the globals of the host; for beforeEach. Returns where the plugin navigated to. */
export function freshHost() {
    listening.splice(0).forEach((stop) => stop());
    clearCache();
    setUser(ME.id);
    window.sessionStorage.clear();
    retryLimit.count = 0;

    // Tests send no events, and how quick they are must not matter.
    confirmation.timeoutMs = 600_000;
    const push = vi.fn<(path: string) => void>();
    window.WebappUtils = {browserHistory: {push}};
    window.PostUtils = {
        // Enough of the host's Markdown: links, channel links, bold, escaped text.
        formatText: (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').
            replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>').
            replace(/\[([^\]]+)\]\((\/[^)]+)\)/g, '<a href="$2">$1</a>').
            replace(/~([a-z0-9-]+)/g, `<a class="mention-link" href="/${TEAM.name}/channels/$1" data-channel-mention="$1">~$1</a>`),
        messageHtmlToComponent: (html) => <span dangerouslySetInnerHTML={{__html: html}}/>,
    };
    window.basename = '';
    window.innerWidth = 1200;
    return {push};
}

/** Lets something happen, and waits until the components show it: the cache notifies them a moment later. */
export const happens = (what: () => unknown) => act(async () => {
    what();
    for (let turns = 0; turns < 3; turns++) {
        await new Promise((resolve) => setTimeout(resolve));
    }
});

/** Renders as the host does. */
export function renderWithHost(ui: ReactElement, {store = hostStore(), path = '/'}: {store?: HostStore; path?: string} = {}) {
    const history = {...createMemoryHistory({initialEntries: [path]})};
    const wrap = (inner: ReactElement) => (
        <Provider store={store}>
            <Router history={history}>
                <PluginIntl>{inner}</PluginIntl>
            </Router>
        </Provider>
    );
    const result = render(wrap(ui));

    // The host gives the router a copy of its history, whose `location` stays that of the first page.
    history.location = {...history.location, pathname: '/first-page', search: ''};
    return {...result, store, rerender: (next: ReactElement) => result.rerender(wrap(next))};
}
