import {act, render, screen} from '@testing-library/react';
import React from 'react';
import {Provider} from 'react-redux';
import {MemoryRouter} from 'react-router-dom';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {register} from 'src/app/registrations';
import {CommandArgs, CommandHookResult, Registry, WebSocketMessage} from 'src/host/registry';
import {HostStore, isSidebarOpen} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';
import {askForList, clientIdOf, pluginState, setSidebarOpen} from 'src/state/reducer';
import {anIncident, aPost, OTHER_TEAM, TEAM, TOWN_SQUARE} from 'src/testing/factories';
import {change, freshHost, goTo, hostStore, putPost, setRhsOpen} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

type Hook = (message: string, args: CommandArgs) => CommandHookResult | Promise<CommandHookResult>;

/** A registry like the host's, that knows what is registered at the moment. */
function fakeRegistry() {
    let last = 0;
    const components = new Map<string, {kind: string; args: unknown[]}>();
    const events = new Map<string, (message: WebSocketMessage) => void>();
    let reconnect: (() => void) | undefined;
    const add = (kind: string) => (...args: unknown[]) => {
        const id = `${kind}${++last}`;
        components.set(id, {kind, args});
        return id;
    };
    const registry: Registry = {
        registerReducer: () => undefined,
        registerRootComponent: add('root'),
        registerMainMenuAction: add('menu'),
        registerRightHandSidebarComponent: (...args) => ({
            id: add('rhs')(...args),
            showRHSPlugin: {type: 'SHOW'},
            hideRHSPlugin: {type: 'HIDE'},
            toggleRHSPlugin: {type: 'TOGGLE'},
        }),
        registerChannelHeaderButtonAction: add('header'),
        registerPostDropdownMenuAction: add('post'),
        registerAppBarComponent: add('app bar'),
        registerReconnectHandler: (handler) => {
            reconnect = handler;
        },
        unregisterReconnectHandler: () => {
            reconnect = undefined;
        },
        registerWebSocketEventHandler: (event, handler) => events.set(event, handler),
        unregisterWebSocketEventHandler: (event) => events.delete(event),
        registerSlashCommandWillBePostedHook: add('slash'),
        registerNeedsTeamRoute: add('route'),
        registerTranslations: () => undefined,
        unregisterComponent: (id) => components.delete(id),
    };
    const of = (kind: string) => [...components.values()].filter((one) => one.kind === kind).map(({args}) => args);
    return {registry, of, events, reconnect: () => reconnect, kinds: () => [...components.values()].map(({kind}) => kind)};
}

let push: ReturnType<typeof freshHost>['push'];
let store: HostStore;
let host: ReturnType<typeof fakeRegistry>;
let undo: () => void;
let opened: number;
let toggled: number;

const flush = () => act(async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
});

function start(channels: string[] = []) {
    const server = fakeServer({'GET /incidents/channels': {body: channels}, 'POST host:/commands/execute': {body: {}}});
    undo = register(host.registry, store);
    return server;
}

beforeEach(() => {
    ({push} = freshHost());
    store = hostStore();
    host = fakeRegistry();
    opened = 0;
    toggled = 0;
    const {dispatch} = store;
    store.dispatch = ((action: {type: string}) => {
        if (action.type === 'SHOW') {
            opened++;
            setRhsOpen(store, true);
            return dispatch(setSidebarOpen(true));
        }
        if (action.type === 'TOGGLE') {
            toggled++;
        }
        return dispatch(action);
    }) as typeof dispatch;
});

afterEach(() => undo?.());

function closeSidebar() {
    store.dispatch(setSidebarOpen(false));
    setRhsOpen(store, false);
}

it('everything that was registered is undone', async () => {
    const listen = vi.spyOn(window, 'addEventListener');
    const unlisten = vi.spyOn(window, 'removeEventListener');
    start(['c1']);
    expect(host.kinds().sort()).toEqual(['app bar', 'header', 'menu', 'post', 'post', 'post', 'rhs', 'root', 'route', 'route', 'slash']);
    expect([...host.events.keys()].sort()).toEqual([
        `custom_${PLUGIN_ID}_followup_updated`, `custom_${PLUGIN_ID}_followups_carried_over`,
        `custom_${PLUGIN_ID}_incident_created`, `custom_${PLUGIN_ID}_incident_deleted`, `custom_${PLUGIN_ID}_incident_updated`,
        `custom_${PLUGIN_ID}_retrospective_updated`, `custom_${PLUGIN_ID}_timeline_entry_updated`,
        'post_deleted', 'post_edited', 'posted', 'user_added', 'user_removed',
    ]);
    await flush();
    undo();
    expect(host.kinds()).toEqual([]);
    expect(host.events.size).toBe(0);
    expect(host.reconnect()).toBeUndefined();
    const resizes = (spy: typeof listen | typeof unlisten) => spy.mock.calls.filter(([type]) => type === 'resize').length;
    expect(resizes(unlisten)).toBe(resizes(listen));
    goTo(store, 'c1');
    expect(opened).toBe(0);
});

describe('opening by itself', () => {
    it('happens when an incident channel is entered, once per entering', async () => {
        start(['c1']);
        await flush();
        expect(opened).toBe(0);
        goTo(store, 'c1');
        expect(opened).toBe(1);
        closeSidebar();
        expect(opened).toBe(1);
        goTo(store, TOWN_SQUARE.id);
        goTo(store, 'c1');
        expect(opened).toBe(2);
    });

    it('happens when the channel turns out to be an incident while one is in it', async () => {
        goTo(store, 'c1');
        start(['c1']);
        expect(opened).toBe(0);
        await flush();
        expect(opened).toBe(1);
    });

    it('never happens over another sidebar, nor when that is closed', async () => {
        start(['c1']);
        await flush();
        setRhsOpen(store, true);
        goTo(store, 'c1');
        setRhsOpen(store, false);
        expect(opened).toBe(0);
    });

    it('does not happen on narrow screens', async () => {
        start(['c1']);
        await flush();
        window.innerWidth = 600;
        goTo(store, 'c1');
        expect(opened).toBe(0);
        expect(isSidebarOpen(store.getState())).toBe(false);
    });

    it('asks once per team, and for ids only', async () => {
        const server = start(['c1']);
        await flush();
        goTo(store, 'c1');
        goTo(store, TOWN_SQUARE.id);
        await flush();
        expect(server.calls.map(({path}) => path)).toEqual(['/incidents/channels']);
    });
});

describe('slash commands', () => {
    const typed = (text: string) => (host.of('slash')[0]![0] as Hook)(text, {});

    it('/incident start gets a fresh client id', async () => {
        start();
        const first = await typed(' /incident start ');
        expect(first).toMatchObject({message: `/incident start ${clientIdOf(store.getState())}`});
        expect(clientIdOf(store.getState())).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(await typed('/incident start')).not.toEqual(first);
    });

    it('only whole words are matched, and arguments are refused openly', async () => {
        start();
        expect(await typed('/incident started')).toEqual({message: '/incident started', args: {}});
        expect(await typed('/incident information')).toEqual({message: '/incident information', args: {}});
        expect(await typed('/incident start Server down')).toMatchObject({error: {message: expect.stringContaining('/incident start')}});
        expect(clientIdOf(store.getState())).toBe('');
        expect(await typed('/echo hi')).toEqual({message: '/echo hi', args: {}});
    });

    it('/incident info opens the sidebar, or leads from the list to the details', async () => {
        start(['c1']);
        await flush();
        expect(await typed('/incident info')).toEqual({message: '/incident info', args: {}});
        goTo(store, 'c1');
        closeSidebar();
        opened = 0;
        expect(await typed('/incident info')).toEqual({});
        expect(opened).toBe(1);
        closeSidebar();
        expect(await typed('/incident info please')).toEqual({});
        expect(opened).toBe(2);
        store.dispatch(askForList('c1'));
        expect(await typed('/incident info')).toEqual({});
        expect(await typed('/incident info')).toEqual({message: '/incident info', args: {}});
    });

    it('/incident info is sent where a sidebar would not be seen', async () => {
        start(['c1']);
        await flush();
        goTo(store, 'c1');
        closeSidebar();
        change(store, (state) => ({...state, views: {...state.views, rhsSuppressed: true}}));
        expect(await typed('/incident info')).toEqual({message: '/incident info', args: {}});
    });
});

describe('an incident that was started', () => {
    const created = (incident: ReturnType<typeof anIncident>, clientId?: string) => act(() => host.events.get(`custom_${PLUGIN_ID}_incident_created`)?.({
        event: '',
        data: {payload: JSON.stringify({incident, client_id: clientId})},
        broadcast: {},
    }));

    it('takes the tab that started it to its channel, in its own team', async () => {
        start();
        await (host.of('slash')[0]![0] as Hook)('/incident start', {});
        const incident = anIncident({team_id: OTHER_TEAM.id});
        created(incident, clientIdOf(store.getState()));
        expect(push).toHaveBeenCalledWith(`/${OTHER_TEAM.name}/channels/${incident.channel_id}`);
    });

    it('only plain values are kept in the store of the host', async () => {
        start();
        await (host.of('slash')[0]![0] as Hook)('/incident start', {});
        act(() => {
            store.dispatch(setSidebarOpen(true));
        });
        const kept = pluginState(store.getState());
        expect(kept.sidebarOpen).toBe(true);
        expect(JSON.parse(JSON.stringify(kept))).toEqual(kept);
    });

    it('leaves other tabs where they are', () => {
        start();
        created(anIncident(), 'another');
        created(anIncident());
        expect(push).not.toHaveBeenCalled();
    });
});

describe('what the host renders', () => {
    const wrap = (inner: React.ReactNode) => <Provider store={store}><MemoryRouter>{inner}</MemoryRouter></Provider>;

    const postEntry = () => host.of('post')[0] as [React.ReactElement, (postId: string) => void, (postId: string) => boolean];

    it('the entry of a post\'s menu starts once', async () => {
        const server = start();
        const post = aPost();
        putPost(store, post);
        const [text, action] = postEntry();
        render(wrap(text));
        expect(screen.getByTestId('incidentPostMenuIcon')).toHaveTextContent('Start incident');
        action(post.id);
        action(post.id);
        await flush();
        const executed = server.to('POST', 'host:/commands/execute');
        expect(executed.map(({body}) => body)).toEqual([{
            command: `/incident start ${clientIdOf(store.getState())} ${post.id}`, channel_id: TOWN_SQUARE.id, team_id: TEAM.id,
        }]);
        action(post.id);
        await flush();
        expect(server.to('POST', 'host:/commands/execute')).toHaveLength(2);
    });

    it('a start from a post that fails shows an error though the menu is gone', async () => {
        start().on({'POST host:/commands/execute': {status: 500}});
        const post = aPost();
        putPost(store, post);
        postEntry()[1](post.id);
        await flush();
        expect(screen.getByRole('alert')).toHaveTextContent('could not be started');
    });

    it('no entry for system messages and unknown posts', () => {
        start();
        const [, , filter] = postEntry();
        const [system, message] = [aPost({id: 'system', type: 'system_join_channel'}), aPost({id: 'message'})];
        putPost(store, system);
        putPost(store, message);
        expect(filter(message.id)).toBe(true);
        expect(filter(system.id)).toBe(false);
        expect(filter('unknown')).toBe(false);
    });

    it('the app bar has the same button as the header, in hosts that have one', () => {
        start();
        const [url, action, tooltip] = host.of('app bar')[0] as [string, () => void, React.ReactElement];
        expect(url).toMatch(/^data:image\/svg\+xml,/);
        render(tooltip);
        expect(screen.getByText('Incidents')).toBeInTheDocument();
        action();
        expect(toggled).toBe(1);
        undo();

        delete host.registry.registerAppBarComponent;
        start();
        expect(host.kinds()).toContain('header');
        expect(host.kinds()).not.toContain('app bar');
    });

    it('a press on the icon leads to the list where a sidebar would not be seen', () => {
        start();
        change(store, (state) => ({...state, views: {...state.views, rhsSuppressed: true}}));
        (host.of('app bar')[0]![1] as () => void)();
        expect(toggled).toBe(0);
        expect(push).toHaveBeenCalledWith(`/${TEAM.name}/${PLUGIN_ID}/incidents`);
    });

    it('the tooltip and the entry of the header need nothing around them, as the host renders tooltips outside its Provider', () => {
        start();
        const [, , entry, tooltip] = host.of('header')[0] as React.ReactElement[];
        render(<><p>{entry}</p><p>{tooltip}</p></>);
        expect(screen.getAllByText('Incidents')).toHaveLength(2);
    });

    it('the icon has its id only in the channel header, whose button is marked while the sidebar is open', () => {
        start();
        const icon = host.of('header')[0]![0] as React.ReactElement;
        render(wrap(<><div id='channel-header'><button type='button'>{icon}</button></div><nav id='navbar'><button type='button'>{icon}</button></nav></>));
        const [header, mobile] = screen.getAllByRole('button', {name: 'Incidents'});
        expect(document.querySelectorAll('#incidentIcon')).toHaveLength(1);
        expect(header!.querySelector('#incidentIcon')).not.toBeNull();
        expect(header!.querySelector<HTMLElement>('.icon')!.style.color).toBe('');
        expect(mobile!.querySelector<HTMLElement>('.icon')!.style.color).toBe('var(--sidebar-header-text-color)');
        act(() => {
            store.dispatch(setSidebarOpen(true));
        });
        expect(header).toHaveClass('channel-header__icon--active');
        expect(mobile).not.toHaveClass('channel-header__icon--active');
    });

    it('the main menu leads to the playbooks of the current team, on wide screens only', async () => {
        start();
        const [text, action] = host.of('menu')[0] as [React.ReactElement, () => void];
        render(wrap(text));
        expect(screen.getByText('Playbooks & Incidents')).toBeInTheDocument();
        action();
        expect(push).toHaveBeenCalledWith(`/${TEAM.name}/${PLUGIN_ID}/playbooks`);
        window.innerWidth = 768;
        window.dispatchEvent(new Event('resize'));
        await new Promise((resolve) => setTimeout(resolve, 350));
        expect(host.of('menu')).toHaveLength(0);
        window.innerWidth = 769;
        window.dispatchEvent(new Event('resize'));
        await new Promise((resolve) => setTimeout(resolve, 350));
        expect(host.of('menu')).toHaveLength(1);
    });
});
