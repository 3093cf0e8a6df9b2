import {hostUrl, request, WAIT} from 'src/client/http';
import {Channel, Post, User} from 'src/types/host_rest';

export const USERS_PER_PAGE = 50;

/** Which people a list or search of users is about. */
export interface UserScope {
    team_id?: string;
    in_channel?: string;
    not_in_channel?: string;
}

export interface UserPage {
    users: User[];
    hasMore: boolean;
}

/** One page of USERS_PER_PAGE users, sorted by user name. */
export async function listUsers(scope: UserScope, page: number, signal?: AbortSignal): Promise<UserPage> {
    const query = {
        in_team: scope.in_channel ? undefined : scope.team_id,
        in_channel: scope.in_channel,
        not_in_channel: scope.not_in_channel,
        active: true,
        page,
        per_page: USERS_PER_PAGE,
    };
    const users = await request<User[] | null>('GET', hostUrl('/users'), {query, signal}) ?? [];
    return {users, hasMore: users.length === USERS_PER_PAGE};
}

/** The server's search over user name, names and nickname. */
export async function searchUsers(scope: UserScope, term: string, signal?: AbortSignal): Promise<User[]> {
    const body = {
        term,
        team_id: scope.team_id,
        in_channel_id: scope.in_channel,
        not_in_channel_id: scope.not_in_channel,
        limit: USERS_PER_PAGE,
    };
    return await request<User[] | null>('POST', hostUrl('/users/search'), {body, signal}) ?? [];
}

/** Unknown ids are left out of the answer. */
export async function getUsers(ids: string[]): Promise<User[]> {
    return await request<User[] | null>('POST', hostUrl('/users/ids'), {body: ids}) ?? [];
}

/** Unknown names are left out of the answer. */
export async function getUsersByName(names: string[]): Promise<User[]> {
    return await request<User[] | null>('POST', hostUrl('/users/usernames'), {body: names}) ?? [];
}

export function getPost(id: string, signal?: AbortSignal): Promise<Post> {
    return request('GET', hostUrl(`/posts/${id}`), {signal});
}

export function getChannel(id: string, signal?: AbortSignal): Promise<Channel> {
    return request('GET', hostUrl(`/channels/${id}`), {signal});
}

/** What the user is in a channel, in the host's own form. */
export function getMyMembership(channelId: string): Promise<{channel_id: string; user_id: string}> {
    return request('GET', hostUrl(`/channels/${channelId}/members/me`));
}

export function getChannelByName(teamId: string, name: string): Promise<Channel> {
    return request('GET', hostUrl(`/teams/${teamId}/channels/name/${name}`));
}

/** Channels of the team that the user may see and whose name or display name holds the term. */
export async function searchChannels(teamId: string, term: string, signal?: AbortSignal): Promise<Channel[]> {
    const query = {name: term};
    return await request<Channel[] | null>('GET', hostUrl(`/teams/${teamId}/channels/autocomplete`), {query, signal}) ?? [];
}

/** Adds one person to a channel. */
export function addChannelMember(channelId: string, userId: string): Promise<void> {
    return request('POST', hostUrl(`/channels/${channelId}/members`), {body: {user_id: userId}});
}

/** Runs a slash command as the user; the trigger id belongs to the dialog that it may open. */
export function executeCommand(command: string, channelId: string, teamId: string): Promise<{trigger_id?: string}> {
    return request('POST', hostUrl('/commands/execute'), {body: {command, channel_id: channelId, team_id: teamId}, wait: WAIT.command});
}

/** Address of a user's picture. */
export function pictureUrl(userId: string, lastUpdate = 0): string {
    return hostUrl(`/users/${userId}/image${lastUpdate ? `?_=${lastUpdate}` : ''}`);
}
