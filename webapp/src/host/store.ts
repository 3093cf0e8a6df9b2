import {Store} from 'redux';

import {PLUGIN_ID} from 'src/manifest';
import {Channel, Post, Team, User} from 'src/types/host_rest';

/** The part of the host's store that this plugin reads. All of it may be missing while the host starts. */
export interface HostState {
    entities: {
        users: {currentUserId: string; profiles: Record<string, User | undefined>};
        teams: {currentTeamId: string; teams: Record<string, Team | undefined>};
        channels: {currentChannelId: string; channels: Record<string, Channel | undefined>};
        posts: {posts: Record<string, Post | undefined>};
        preferences: {myPreferences: Record<string, {value: string} | undefined>};
        general: {config: Record<string, string | undefined>; license: Record<string, string | undefined>};
    };
    views: {
        rhs: {isSidebarOpen: boolean; isSidebarExpanded?: boolean};

        /** Whether the open right-hand sidebar is not shown at the moment, as on the page of threads. */
        rhsSuppressed?: boolean;
    };
    plugins: {plugins?: Record<string, unknown>};
}

export type HostStore = Store<HostState>;

/** Key below which the host keeps this plugin's reducer. */
export const REDUCER_KEY = `plugins-${PLUGIN_ID}` as const;

export const currentUserId = (state: HostState) => state.entities.users.currentUserId;
export const currentTeamId = (state: HostState) => state.entities.teams.currentTeamId;
export const currentChannelId = (state: HostState) => state.entities.channels.currentChannelId;
export const userById = (state: HostState, id: string) => state.entities.users.profiles[id];
export const teamById = (state: HostState, id: string) => state.entities.teams.teams[id];
export const channelById = (state: HostState, id: string) => state.entities.channels.channels[id];
export const postById = (state: HostState, id: string) => state.entities.posts.posts[id];
export const currentTeam = (state: HostState) => teamById(state, currentTeamId(state));

/** Whether a right-hand sidebar is open; while it is suppressed it is not on the screen. */
export const isSidebarOpen = (state: HostState) => state.views.rhs.isSidebarOpen;
export const isSidebarSuppressed = (state: HostState) => state.views.rhsSuppressed === true;

/** The current team's URL name; '' until it is known. */
export const currentTeamName = (state: HostState) => currentTeam(state)?.name ?? '';

const preference = (state: HostState, name: string) => state.entities.preferences.myPreferences[`display_settings--${name}`]?.value;

export const DEFAULT_LOCALE = 'en';

/** Language of the current user, as a BCP 47 tag. */
export const userLocale = (state: HostState) => userById(state, currentUserId(state))?.locale || state.entities.general.config.DefaultClientLocale || DEFAULT_LOCALE;

export const uses24HourClock = (state: HostState) => preference(state, 'use_military_time') === 'true';

/** The time zone the user chose; undefined is the browser's. */
export function userTimezone(state: HostState): string | undefined {
    const zone = userById(state, currentUserId(state))?.timezone;
    if (!zone) {
        return undefined;
    }
    const automatic = zone.useAutomaticTimezone === true || zone.useAutomaticTimezone === 'true';
    return (automatic ? zone.automaticTimezone : zone.manualTimezone) || undefined;
}

const FULL_NAME = 'full_name';
const NICKNAME = 'nickname_full_name';

/** How people's names are to be shown, as set by the user or the administrator. */
export function nameSetting(state: HostState): string {
    const {LockTeammateNameDisplay: locked, TeammateNameDisplay: configured} = state.entities.general.config;
    return (locked === 'true' ? undefined : preference(state, 'name_format')) ?? configured ?? 'username';
}

/** A person's name as the host shows it; a bare user name carries an `@`. */
export function displayName(user: Pick<User, 'username' | 'first_name' | 'last_name' | 'nickname'>, setting: string): string {
    const full = `${user.first_name} ${user.last_name}`.trim();
    if (setting === NICKNAME && user.nickname) {
        return user.nickname;
    }
    if ((setting === NICKNAME || setting === FULL_NAME) && full && full !== user.username) {
        return full;
    }
    return `@${user.username}`;
}

/** Actions of the host's own reducers. */
export const receivedDialogTrigger = (triggerId: string) => ({type: 'RECEIVED_DIALOG_TRIGGER_ID', data: triggerId});
export const receivedChannel = (channel: Channel) => ({type: 'RECEIVED_CHANNEL', data: channel});
export const receivedMyMembership = (membership: {channel_id: string}) => ({type: 'RECEIVED_MY_CHANNEL_MEMBER', data: membership});
export const receivedUsers = (users: User[]) => ({type: 'RECEIVED_PROFILES_LIST', data: users});
