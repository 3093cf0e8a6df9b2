import {ComponentType, ReactNode} from 'react';
import {AnyAction, Reducer} from 'redux';

export interface WebSocketMessage<T = Record<string, unknown>> {
    event: string;
    data: T;
    broadcast: {channel_id?: string; user_id?: string; team_id?: string};
}

export interface CommandArgs {
    channel_id?: string;
    team_id?: string;
    root_id?: string;
}

/** Text to send on; `{}` when the command was dealt with; an error that the host shows under the text box. */
export type CommandHookResult = {message: string; args: CommandArgs} | {error: {message: string}} | Record<string, never>;

export interface RhsPlugin {
    id: string;
    showRHSPlugin: AnyAction;
    hideRHSPlugin: AnyAction;
    toggleRHSPlugin: AnyAction;
}

/** The host's plugin registry: the calls that are used. Each `register…` of a component returns its id. */
export interface Registry {
    registerReducer(reducer: Reducer): void;

    /** A component that is always on the page. */
    registerRootComponent(component: ComponentType): string;
    registerMainMenuAction(text: ReactNode, action: () => void, mobileIcon: ReactNode): string;
    registerRightHandSidebarComponent(component: ComponentType, title: ReactNode): RhsPlugin;
    registerChannelHeaderButtonAction(icon: ReactNode, action: () => void, dropdownText: ReactNode, tooltipText: ReactNode): string;

    /** A button of the bar at the edge of the page. Clients before 6 have none; later ones may have it switched off. */
    registerAppBarComponent?(iconUrl: string, action: () => void, tooltipText: ReactNode): string;

    /** `filter` says whether a post's menu has the entry. */
    registerPostDropdownMenuAction(text: ReactNode, action: (postId: string) => void, filter: (postId: string) => boolean): string;
    registerReconnectHandler(handler: () => void): void;
    unregisterReconnectHandler(): void;
    registerWebSocketEventHandler(event: string, handler: (message: WebSocketMessage) => void): void;
    unregisterWebSocketEventHandler(event: string): void;
    registerSlashCommandWillBePostedHook(hook: (message: string, args: CommandArgs) => CommandHookResult | Promise<CommandHookResult>): string;
    registerNeedsTeamRoute(route: string, component: ComponentType): string;
    registerTranslations?(source: (locale: string) => Record<string, string>): void;
    unregisterComponent(id: string): void;
}
