import {basename} from './history';
import type {
    Channel, ChannelMember, CommandSuggestion, Dictionary, DialogAnswer, Membership, PluginManifest, Post, PostList,
    Preference, Team, User,
} from './types';

/** A request the server refused, or that never reached it (status 0). */
export class RequestError extends Error {
    constructor(message: string, readonly status: number, readonly id = '') {
        super(message);
    }
}

const base = `${basename}/api/v4`;

function csrfToken(): string {
    const found = (/(?:^|;\s*)MMCSRF=([^;]*)/).exec(document.cookie);
    return found?.[1] ?? '';
}

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response;
    try {
        response = await fetch(base + path, {
            method,
            headers: {
                'X-Requested-With': 'XMLHttpRequest',
                ...(method === 'GET' ? {} : {'X-CSRF-Token': csrfToken()}),
            },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
    } catch {
        throw new RequestError('The server cannot be reached. Check the connection and try again.', 0);
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
        throw new RequestError(answer.message || `The server answered with ${response.status}.`, response.status, answer.id);
    }
    return answer;
}

const get = <T>(path: string) => request<T>('GET', path);
const post = <T>(path: string, body: unknown = {}) => request<T>('POST', path, body);
const put = <T>(path: string, body: unknown = {}) => request<T>('PUT', path, body);
const del = <T>(path: string) => request<T>('DELETE', path);
const q = encodeURIComponent;

export const client = {
    base,

    config: () => get<Dictionary<string>>('/config/client?format=old'),
    license: () => get<Dictionary<string>>('/license/client?format=old'),
    login: (loginId: string, password: string) => post<User>('/users/login', {login_id: loginId, password}),
    logout: () => post('/users/logout'),

    me: () => get<User>('/users/me'),
    patchMe: (change: Partial<User>) => put<User>('/users/me/patch', change),
    preferences: () => get<Preference[]>('/users/me/preferences'),
    savePreferences: (list: Preference[]) => put('/users/me/preferences', list),
    deletePreferences: (list: Preference[]) => post('/users/me/preferences/delete', list),
    roles: (names: string[]) => post<Array<{name: string; permissions: string[]}>>('/roles/names', names),
    usersByIds: (ids: string[]) => post<User[]>('/users/ids', ids),
    usersByNames: (names: string[]) => post<User[]>('/users/usernames', names),
    userSearch: (body: Dictionary<unknown>) => post<User[]>('/users/search', body),
    userAutocomplete: (team: string, channel: string, name: string) =>
        get<{users: User[]}>(`/users/autocomplete?in_team=${team}&in_channel=${channel}&name=${q(name)}&limit=10`),
    statuses: (ids: string[]) => post<Array<{user_id: string; status: string}>>('/users/status/ids', ids),
    pictureURL: (user: {id: string; last_picture_update?: number}) =>
        `${base}/users/${user.id}/image?_=${user.last_picture_update ?? 0}`,

    myTeams: () => get<Team[]>('/users/me/teams'),
    myTeamMembers: () => get<Membership[]>('/users/me/teams/members'),
    openTeams: () => get<Team[]>('/teams?page=0&per_page=100'),
    joinTeam: (team: string, user: string) => post(`/teams/${team}/members`, {team_id: team, user_id: user}),

    channel: (id: string) => get<Channel>(`/channels/${id}`),
    channelByName: (team: string, name: string) => get<Channel>(`/teams/${team}/channels/name/${q(name)}?include_deleted=true`),
    myChannels: (team: string) => get<Channel[]>(`/users/me/teams/${team}/channels`),
    myChannelMembers: (team: string) => get<ChannelMember[]>(`/users/me/teams/${team}/channels/members`),
    myChannelMember: (channel: string) => get<ChannelMember>(`/channels/${channel}/members/me`),
    channelStats: (id: string) => get<{channel_id: string; member_count: number}>(`/channels/${id}/stats`),
    publicChannels: (team: string, page: number) => get<Channel[]>(`/teams/${team}/channels?page=${page}&per_page=50`),
    channelSearch: (team: string, term: string) => post<Channel[]>(`/teams/${team}/channels/search`, {term}),
    channelAutocomplete: (team: string, name: string) =>
        get<Channel[]>(`/teams/${team}/channels/autocomplete?name=${q(name)}`),
    createChannel: (channel: Partial<Channel>) => post<Channel>('/channels', channel),
    directChannel: (ids: string[]) => post<Channel>('/channels/direct', ids),
    groupChannel: (ids: string[]) => post<Channel>('/channels/group', ids),
    addMember: (channel: string, user: string) => post<ChannelMember>(`/channels/${channel}/members`, {user_id: user}),
    leaveChannel: (channel: string) => del(`/channels/${channel}/members/me`),
    viewChannel: (channel: string) => post('/channels/members/me/view', {channel_id: channel, prev_channel_id: ''}),
    usersInTeam: (team: string, notInChannel = '') => get<User[]>(`/users?in_team=${team}&page=0&per_page=30` +
        (notInChannel ? `&not_in_channel=${notInChannel}` : '')),
    usersInChannel: (channel: string) => get<User[]>(`/users?in_channel=${channel}&page=0&per_page=100`),

    posts: (channel: string, before = '') =>
        get<PostList>(`/channels/${channel}/posts?per_page=60${before ? `&before=${before}` : ''}`),
    post: (id: string) => get<Post>(`/posts/${id}`),
    createPost: (one: Partial<Post>) => post<Post>('/posts', one),
    patchPost: (id: string, message: string) => put<Post>(`/posts/${id}/patch`, {message}),
    deletePost: (id: string) => del(`/posts/${id}`),
    flaggedPosts: (team: string) => get<PostList>(`/users/me/posts/flagged?team_id=${team}&page=0&per_page=60`),
    postAction: (id: string, action: string, body: {selected_option?: string; cookie?: string}) =>
        post<{status: string; trigger_id: string}>(`/posts/${id}/actions/${action}`, body),

    commandSuggestions: (team: string, channel: string, input: string) =>
        get<CommandSuggestion[]>(`/teams/${team}/commands/autocomplete_suggestions` +
            `?user_input=${q(input)}&team_id=${team}&channel_id=${channel}&root_id=`),
    executeCommand: (command: string, args: Dictionary<string>) =>
        post<{trigger_id?: string; goto_location?: string}>('/commands/execute', {...args, command}),
    submitDialog: (body: Dictionary<unknown>) => post<DialogAnswer>('/actions/dialogs/submit', body),

    webappPlugins: () => get<PluginManifest[]>('/plugins/webapp'),
};
