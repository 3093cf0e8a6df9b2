import React from 'react';
import type {Reducer} from 'redux';

import {is2026} from '../frame';
import {hideRHSPlugin, showRHSPlugin, toggleRHSPlugin} from '../store/actions';
import {addReducer, store} from '../store';
import {locale} from '../store/selectors';
import type {PluginComponent} from '../store/types';
import {pluginEvents} from '../socket/handlers';
import type {Dictionary, SocketMessage} from '../types';

type Resolvable = React.ReactNode | React.ElementType;
type Action = NonNullable<PluginComponent['action']>;
type Hook = NonNullable<PluginComponent['hook']>;
type TranslationSource = (locale: string) => Dictionary<string>;

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769';

/** 26 characters, as the server's ids. */
export function generateId(): string {
    return Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => ALPHABET[byte % 32]).join('');
}

/** Plugins may hand over an element, or a component to make one of. */
export function toNode(given: Resolvable): React.ReactNode {
    const isComponent = typeof given === 'function' ||
        (typeof given === 'object' && given !== null && !React.isValidElement(given) && '$$typeof' in given);
    return isComponent ? React.createElement(given as React.ElementType) : given as React.ReactNode;
}

const translationSources = new Map<string, TranslationSource>();

function translate(source: TranslationSource) {
    const wanted = locale(store.getState());
    store.dispatch({type: 'RECEIVED_TRANSLATIONS', data: {locale: wanted, translations: source(wanted) ?? {}}});
}

/** Asks all plugins again, after the user chose another language. */
export function refreshTranslations() {
    translationSources.forEach(translate);
}

export function forgetPlugin(pluginId: string) {
    translationSources.delete(pluginId);
    pluginEvents.forget(pluginId);
}

/** What a plugin's initialize() is given. Method names, argument order and results are those of Mattermost 5.28 to 5.39. */
export class PluginRegistry {
    readonly id: string;

    constructor(id: string) {
        this.id = id;
    }

    private receive(name: string, data: Omit<PluginComponent, 'id' | 'pluginId'>): string {
        const id = generateId();
        store.dispatch({type: 'RECEIVED_PLUGIN_COMPONENT', name, data: {id, pluginId: this.id, ...data}});
        return id;
    }

    registerRootComponent(component: React.ElementType) {
        return this.receive('Root', {component});
    }

    registerPopoverUserAttributesComponent(component: React.ElementType) {
        return this.receive('PopoverUserAttributes', {component});
    }

    registerPopoverUserActionsComponent(component: React.ElementType) {
        return this.receive('PopoverUserActions', {component});
    }

    registerLeftSidebarHeaderComponent(component: React.ElementType) {
        return this.receive('LeftSidebarHeader', {component});
    }

    registerBottomTeamSidebarComponent(component: React.ElementType) {
        return this.receive('BottomTeamSidebar', {component});
    }

    registerPostMessageAttachmentComponent(component: React.ElementType) {
        return this.receive('PostMessageAttachment', {component});
    }

    registerLinkTooltipComponent(component: React.ElementType) {
        return this.receive('LinkTooltip', {component});
    }

    registerChannelHeaderButtonAction(icon: Resolvable, action: Action, dropdownText: Resolvable, tooltipText: Resolvable) {
        const data = {
            id: generateId(), pluginId: this.id, icon: toNode(icon), action,
            dropdownText: toNode(dropdownText), tooltipText: toNode(tooltipText),
        };
        store.dispatch({type: 'RECEIVED_PLUGIN_COMPONENT', name: 'ChannelHeaderButton', data});
        store.dispatch({type: 'RECEIVED_PLUGIN_COMPONENT', name: 'MobileChannelHeaderButton', data});
        return data.id;
    }

    registerPostTypeComponent(type: string, component: React.ElementType) {
        const id = generateId();
        store.dispatch({type: 'RECEIVED_PLUGIN_POST_COMPONENT', data: {id, pluginId: this.id, type, component}});
        return id;
    }

    unregisterPostTypeComponent(componentId: string) {
        store.dispatch({type: 'REMOVED_PLUGIN_POST_COMPONENT', id: componentId});
    }

    registerMainMenuAction(text: Resolvable, action: Action, mobileIcon: Resolvable) {
        return this.receive('MainMenu', {text: toNode(text), action, mobileIcon: toNode(mobileIcon)});
    }

    registerChannelHeaderMenuAction(text: Resolvable, action: Action, shouldRender: (state: unknown) => boolean = () => true) {
        return this.receive('ChannelHeader', {text: toNode(text), action, shouldRender});
    }

    registerPostDropdownMenuAction(text: Resolvable, action: Action, filter: (postId: string) => boolean) {
        return this.receive('PostDropdownMenu', {text: toNode(text), action, filter});
    }

    registerPostDropdownMenuComponent(component: React.ElementType) {
        if (is2026) {
            console.warn('registerPostDropdownMenuComponent is deprecated and will be removed. Use registerPostDropdownMenuAction instead.');
        }
        return this.receive('PostDropdownMenuItem', {component});
    }

    unregisterComponent(componentId: string) {
        store.dispatch({type: 'REMOVED_PLUGIN_COMPONENT', id: componentId});
    }

    registerReducer(reducer: Reducer) {
        addReducer(`plugins-${this.id}`, reducer);
    }

    registerWebSocketEventHandler(event: string, handler: (message: SocketMessage) => void) {
        pluginEvents.on(this.id, event, handler);
    }

    unregisterWebSocketEventHandler(event: string) {
        pluginEvents.off(this.id, event);
    }

    registerReconnectHandler(handler: () => void) {
        pluginEvents.onReconnect(this.id, handler);
    }

    unregisterReconnectHandler() {
        pluginEvents.offReconnect(this.id);
    }

    registerMessageWillBePostedHook(hook: Hook) {
        return this.receive('MessageWillBePosted', {hook});
    }

    registerSlashCommandWillBePostedHook(hook: Hook) {
        return this.receive('SlashCommandWillBePosted', {hook});
    }

    registerMessageWillFormatHook(hook: Hook) {
        return this.receive('MessageWillFormat', {hook});
    }

    registerTranslations(getTranslationsForLocale: TranslationSource) {
        translationSources.set(this.id, getTranslationsForLocale);
        translate(getTranslationsForLocale);
    }

    registerRightHandSidebarComponent(component: React.ElementType, title: React.ReactNode) {
        const id = this.receive('RightHandSidebarComponent', {component, title});
        return {
            id,
            showRHSPlugin: showRHSPlugin(id),
            hideRHSPlugin: hideRHSPlugin(id),
            toggleRHSPlugin: toggleRHSPlugin(id),
        };
    }

    registerNeedsTeamRoute(route: string, component: React.ElementType) {
        return this.receive('NeedsTeamComponent', {component, route: this.route(route)});
    }

    registerCustomRoute(route: string, component: React.ElementType) {
        return this.receive('CustomRouteComponent', {component, route: this.route(route)});
    }

    private route(route: string): string {
        return `${this.id}/${route.trim().replace(/^\//, '')}`;
    }
}
