import {PluginRegistry, generateId, toNode} from '../../plugins/registry';
import {store} from '../../store';
import type {PluginComponent} from '../../store/types';
import type {Dictionary} from '../../types';

/** Names of the arguments in order, of the methods that take them as one object too. */
const ARGUMENTS: Dictionary<string[]> = {
    registerRootComponent: ['component'],
    registerLeftSidebarHeaderComponent: ['component'],
    registerBottomTeamSidebarComponent: ['component'],
    registerPostDropdownMenuComponent: ['component'],
    registerChannelHeaderButtonAction: ['icon', 'action', 'dropdownText', 'tooltipText'],
    registerAppBarComponent: ['iconUrl', 'action', 'tooltipText'],
    registerMainMenuAction: ['text', 'action', 'mobileIcon'],
    registerChannelHeaderMenuAction: ['text', 'action', 'shouldRender'],
    registerPostDropdownMenuAction: ['text', 'action', 'filter'],
    registerRightHandSidebarComponent: ['component', 'title'],
    registerNeedsTeamRoute: ['route', 'component'],
    registerCustomRoute: ['route', 'component'],
    registerPostTypeComponent: ['type', 'component'],
    registerReducer: ['reducer'],
    registerTranslations: ['getTranslationsForLocale'],
    registerReconnectHandler: ['handler'],
    registerWebSocketEventHandler: ['event', 'handler'],
    unregisterWebSocketEventHandler: ['event'],
    registerSlashCommandWillBePostedHook: ['hook'],
    registerMessageWillBePostedHook: ['hook'],
    unregisterComponent: ['componentId'],
};

type Method = (...args: unknown[]) => unknown;

const isNames = (given: unknown, names: string[]): given is Dictionary<unknown> => typeof given === 'object' && given !== null &&
    Object.getPrototypeOf(given) === Object.prototype && Object.keys(given).length > 0 && Object.keys(given).every((key) => names.includes(key));

/** What a plugin's initialize() is given by the client of 2026: its methods take arguments in order, or one object of them. */
export class PluginRegistry2026 extends PluginRegistry {
    readonly supports = {globalAppBar: true, globalRhs: true};

    constructor(id: string) {
        super(id);
        const methods = this as unknown as Dictionary<Method>;
        for (const [method, names] of Object.entries(ARGUMENTS)) {
            const inner = methods[method]?.bind(this);
            if (inner) {
                methods[method] = (...args) => {
                    const [first] = args;
                    return args.length === 1 && isNames(first, names) ? inner(...names.map((name) => first[name])) : inner(...args);
                };
            }
        }
    }

    registerAppBarComponent(iconUrl: string, action: NonNullable<PluginComponent['action']>, tooltipText: Parameters<typeof toNode>[0]) {
        const data = {id: generateId(), pluginId: this.id, iconUrl, action, tooltipText: toNode(tooltipText)};
        store.dispatch({type: 'RECEIVED_PLUGIN_COMPONENT', name: 'AppBar', data});
        return data.id;
    }
}
