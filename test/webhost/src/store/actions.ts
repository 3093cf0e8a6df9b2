import {browserHistory} from '../history';
import {client, RequestError} from '../client';
import type {Channel, Preference} from '../types';

import {currentTeam, me, teammateId} from './selectors';
import type {Dispatch, ModalKind, RhsKind, State, Thunk} from './types';

export const openModal = (kind: ModalKind | null) => ({type: 'MODAL', data: kind});

/** Shows a message at the edge of the window; an empty text takes it away. */
export const notice = (text: string) => ({type: 'NOTICE', data: text});

export const failed = (error: unknown) =>
    notice(error instanceof RequestError ? error.message : 'Something went wrong. Reload the page and try again.');

// ---- right-hand sidebar

export const updateRhs = (kind: RhsKind, pluggableId = '') => ({type: 'UPDATE_RHS_STATE', state: kind, pluggableId});

export const showRHSPlugin = (id: string) => updateRhs('plugin', id);

export function hideRHSPlugin(id: string): Thunk {
    return (dispatch, getState) => {
        if (getState().views.rhs.pluggableId === id) {
            dispatch(updateRhs(null));
        }
    };
}

export function toggleRHSPlugin(id: string): Thunk {
    return (dispatch, getState) => {
        dispatch(getState().views.rhs.pluggableId === id ? updateRhs(null) : showRHSPlugin(id));
    };
}

export function toggleFlagged(): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        if (getState().views.rhs.rhsState === 'flag') {
            dispatch(updateRhs(null));
            return;
        }
        dispatch({type: 'FLAGGED_POSTS', data: null});
        dispatch(updateRhs('flag'));
        try {
            const list = await client.flaggedPosts(getState().entities.teams.currentTeamId);
            dispatch({type: 'RECEIVED_POSTS', data: list});
            dispatch({type: 'FLAGGED_POSTS', data: list.order});
        } catch (error) {
            dispatch({type: 'FLAGGED_POSTS', data: []});
            dispatch(failed(error));
        }
    };
}

// ---- people

const asked = new Set<string>();

/** Loads the profiles that are not known yet, in one request. */
export function loadProfiles(ids: string[]): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        const known = getState().entities.users.profiles;
        const missing = [...new Set(ids)].filter((id) => id && !known[id] && !asked.has(id));
        if (missing.length === 0) {
            return;
        }
        missing.forEach((id) => asked.add(id));
        try {
            dispatch({type: 'RECEIVED_PROFILES_LIST', data: await client.usersByIds(missing)});
        } finally {
            missing.forEach((id) => asked.delete(id));
        }
    };
}

export function savePreference(category: string, name: string, value: string): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        const list: Preference[] = [{user_id: getState().entities.users.currentUserId, category, name, value}];
        await client.savePreferences(list);
        dispatch({type: 'RECEIVED_PREFERENCES', data: list});
    };
}

export function removePreference(category: string, name: string): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        const list: Preference[] = [{user_id: getState().entities.users.currentUserId, category, name, value: ''}];
        await client.deletePreferences(list);
        dispatch({type: 'DELETED_PREFERENCES', data: list});
    };
}

// ---- start

/** Loads who is signed in. Answers false when nobody is. */
export function loadMe(): Thunk<Promise<boolean>> {
    return async (dispatch) => {
        try {
            dispatch({type: 'RECEIVED_ME', data: await client.me()});
        } catch (error) {
            if (error instanceof RequestError && error.status === 401) {
                return false;
            }
            throw error;
        }
        const [preferences, teams, members, license] = await Promise.all([
            client.preferences(), client.myTeams(), client.myTeamMembers(), client.license(),
        ]);
        // The signed-in answer to the same question holds more than the one given to strangers.
        dispatch({type: 'CLIENT_CONFIG_RECEIVED', data: await client.config()});
        dispatch({type: 'CLIENT_LICENSE_RECEIVED', data: license});
        dispatch({type: 'RECEIVED_PREFERENCES', data: preferences});
        dispatch({type: 'RECEIVED_TEAMS_LIST', data: teams});
        dispatch({type: 'RECEIVED_MY_TEAM_MEMBERS', data: members});
        return true;
    };
}

export function loadMyTeams(): Thunk<Promise<void>> {
    return async (dispatch) => {
        const [teams, members] = await Promise.all([client.myTeams(), client.myTeamMembers()]);
        dispatch({type: 'RECEIVED_TEAMS_LIST', data: teams});
        dispatch({type: 'RECEIVED_MY_TEAM_MEMBERS', data: members});
    };
}

export async function logout() {
    await client.logout();
    // A full load: nothing of the last user may stay in memory.
    window.location.assign(`${client.base.replace(/\/api\/v4$/, '')}/login`);
}

// ---- teams and channels

async function loadRoles(dispatch: Dispatch, getState: () => State) {
    const {roles} = getState().entities.roles;
    const names = new Set((me(getState())?.roles ?? '').split(' '));
    Object.values(getState().entities.teams.myMembers).forEach((one) => one.roles.split(' ').forEach((name) => names.add(name)));
    Object.values(getState().entities.channels.myMembers).forEach((one) => one.roles.split(' ').forEach((name) => names.add(name)));
    const missing = [...names].filter((name) => name && !roles[name]);
    if (missing.length > 0) {
        dispatch({type: 'RECEIVED_ROLES', data: await client.roles(missing)});
    }
}

/** Loads my channels of a team, with the people of the direct ones. */
export function loadChannels(teamId: string): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        const [channels, members] = await Promise.all([client.myChannels(teamId), client.myChannelMembers(teamId)]);
        dispatch({type: 'RECEIVED_CHANNELS', data: channels});
        dispatch({type: 'RECEIVED_MY_CHANNEL_MEMBERS', data: members, teamId});
        const myId = getState().entities.users.currentUserId;
        const others = channels.filter((one) => one.type === 'D').map((one) => teammateId(one, myId));
        await Promise.all([dispatch(loadProfiles(others)), loadRoles(dispatch, getState)]);
        if (others.length > 0) {
            dispatch({type: 'RECEIVED_STATUSES', data: await client.statuses(others)});
        }
    };
}

export const teamPath = (state: State, rest: string) => `/${currentTeam(state)?.name ?? ''}${rest}`;

export function channelPath(state: State, channel: Channel): string {
    if (channel.type === 'D') {
        const user = state.entities.users.profiles[teammateId(channel, state.entities.users.currentUserId)];
        if (user) {
            return teamPath(state, `/messages/@${user.username}`);
        }
    }
    if (channel.type === 'D' || channel.type === 'G') {
        return teamPath(state, channel.type === 'G' ? `/messages/${channel.name}` : `/channels/${channel.name}`);
    }
    const team = state.entities.teams.teams[channel.team_id];
    return `/${team?.name ?? ''}/channels/${channel.name}`;
}

/** Makes me a member if I am not one yet, as opening a public channel by its address does. */
export function ensureMember(channel: Channel): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        dispatch({type: 'RECEIVED_CHANNEL', data: channel});
        if (getState().entities.channels.myMembers[channel.id]) {
            return;
        }
        const member = channel.type === 'O' && !channel.delete_at ?
            await client.addMember(channel.id, getState().entities.users.currentUserId) :
            await client.myChannelMember(channel.id);
        dispatch({type: 'RECEIVED_MY_CHANNEL_MEMBER', data: member});
    };
}

/** The direct or group channel with these people; made if there is none yet. */
export function directChannel(userIds: string[]): Thunk<Promise<Channel>> {
    return async (dispatch, getState) => {
        const myId = getState().entities.users.currentUserId;
        await dispatch(loadProfiles(userIds));
        const others = userIds.filter((id) => id !== myId);
        const channel = others.length > 1 ?
            await client.groupChannel([...others, myId]) :
            await client.directChannel([myId, others[0] ?? myId]);
        dispatch({type: 'RECEIVED_CHANNEL', data: channel});
        dispatch({type: 'RECEIVED_MY_CHANNEL_MEMBER', data: await client.myChannelMember(channel.id)});
        return channel;
    };
}

export function openDirect(userIds: string[]): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        const channel = await dispatch(directChannel(userIds));
        browserHistory.push(channelPath(getState(), channel));
    };
}

export function leaveChannel(channel: Channel): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        await client.leaveChannel(channel.id);
        browserHistory.push(teamPath(getState(), '/channels/town-square'));
        dispatch({type: 'LEAVE_CHANNEL', data: channel});
    };
}

export function markRead(channelId: string): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        if (getState().entities.channels.myMembers[channelId]) {
            dispatch({type: 'CHANNEL_READ', data: channelId});
            await client.viewChannel(channelId);
        }
    };
}

// ---- posts

const PAGE = 60;

export function loadPosts(channelId: string, before = ''): Thunk<Promise<void>> {
    return async (dispatch) => {
        const list = await client.posts(channelId, before);
        dispatch({type: 'RECEIVED_POSTS_IN_CHANNEL', data: list, channelId, oldest: list.order.length < PAGE});
        await dispatch(loadProfiles(Object.values(list.posts).map((one) => one.user_id)));
    };
}

/** Brings a post and its surroundings into the open channel. */
export function loadUntilPost(channelId: string, postId: string): Thunk<Promise<void>> {
    return async (dispatch, getState) => {
        const block = () => getState().entities.posts.postsInChannel[channelId]?.[0];
        for (let page = 0; page < 50 && !block()?.order.includes(postId) && !block()?.oldest; page++) {
            const order = block()?.order ?? [];
            await dispatch(loadPosts(channelId, order[order.length - 1] ?? ''));
        }
    };
}
