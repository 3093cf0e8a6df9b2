import type React from 'react';
import type {AnyAction} from 'redux';
import type {ThunkAction, ThunkDispatch} from 'redux-thunk';

import type {
    Channel, ChannelMember, Dictionary, Membership, OpenDialog, PluginManifest, Post, Preference, Team, User,
} from '../types';

/** One registration of a plugin; which fields are set depends on the kind of registration. */
export type PluginComponent = {
    id: string;
    pluginId: string;
    component?: React.ElementType;
    icon?: React.ReactNode;
    iconUrl?: string;
    text?: React.ReactNode;
    title?: React.ReactNode;
    dropdownText?: React.ReactNode;
    tooltipText?: React.ReactNode;
    mobileIcon?: React.ReactNode;
    route?: string;
    action?: (...args: never[]) => unknown;
    filter?: (postId: string) => boolean;
    hook?: (...args: never[]) => unknown;
    shouldRender?: (state: unknown) => boolean;
};

export type PostBlock = {order: string[]; recent: boolean; oldest: boolean};

/** Which content the right-hand sidebar shows. */
export type RhsKind = 'plugin' | 'flag' | 'search' | 'pin' | 'mention' | 'channel-info' | null;

export type ModalKind = 'createChannel' | 'browseChannels' | 'addMembers' | 'directMessage' | 'settings' | 'joinTeam';

export type State = {
    entities: {
        general: {config: Dictionary<string>; license: Dictionary<string>; serverVersion: string};
        users: {
            currentUserId: string;
            profiles: Dictionary<User>;
            profilesInTeam: Dictionary<Set<string>>;
            profilesInChannel: Dictionary<Set<string>>;
            statuses: Dictionary<string>;
        };
        teams: {
            currentTeamId: string;
            teams: Dictionary<Team>;
            myMembers: Dictionary<Membership>;
            membersInTeam: Dictionary<Dictionary<Membership>>;
        };
        channels: {
            currentChannelId: string;
            channels: Dictionary<Channel>;
            channelsInTeam: Dictionary<Set<string>>;
            myMembers: Dictionary<ChannelMember>;
            membersInChannel: Dictionary<Dictionary<ChannelMember>>;
            stats: Dictionary<{channel_id: string; member_count: number}>;
        };
        posts: {posts: Dictionary<Post>; postsInChannel: Dictionary<PostBlock[]>};
        preferences: {myPreferences: Dictionary<Preference>};
        integrations: {dialogTriggerId: string; dialog: OpenDialog | null; commands: Dictionary<unknown>};
        roles: {roles: Dictionary<{name: string; permissions: string[]}>; pending: Set<string>};
    };
    plugins: {
        plugins: Dictionary<PluginManifest>;
        components: Dictionary<PluginComponent[]>;
        postTypes: Dictionary<PluginComponent & {type: string}>;
    };
    views: {
        rhs: {
            selectedPostId: string;
            rhsState: RhsKind;
            previousRhsStates: RhsKind[];
            searchTerms: string;
            pluggableId: string;
            flaggedPostIds: string[] | null;
            isSidebarOpen: boolean;
            isSidebarExpanded: boolean;
            isMenuOpen: boolean;
        };
        rhsSuppressed: boolean;
        lhs: {isOpen: boolean};
        i18n: {translations: Dictionary<Dictionary<string>>};
        modals: {open: ModalKind | null};
        notice: {text: string};
        composer: {editingPostId: string};
    };
    websocket: {connected: boolean; lastConnectAt: number; lastDisconnectAt: number};
    errors: unknown[];
};

export type Dispatch = ThunkDispatch<State, undefined, AnyAction>;
export type Thunk<R = void> = ThunkAction<R, State, undefined, AnyAction>;
