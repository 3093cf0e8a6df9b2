// What the server's websocket events change in the store.
import {client} from '../client';
import {basename, browserHistory} from '../history';
import {loadPlugin, removePlugin, syncPlugins} from '../plugins/loader';
import {store} from '../store';
import {loadChannels, loadMyTeams, loadPosts, loadProfiles, markRead, notice, teamPath} from '../store/actions';
import {me} from '../store/selectors';
import type {Channel, OpenDialog, PluginManifest, Post, Preference, SocketMessage, User} from '../types';

import {Connection} from './connection';
import {pluginEvents} from './handlers';

const {dispatch, getState} = store;
const parse = <T>(value: unknown) => JSON.parse(String(value)) as T;
const currentChannelId = () => getState().entities.channels.currentChannelId;
const myId = () => getState().entities.users.currentUserId;

async function learnChannel(id: string) {
    if (!getState().entities.channels.myMembers[id]) {
        const [channel, member] = await Promise.all([client.channel(id), client.myChannelMember(id)]);
        dispatch({type: 'RECEIVED_CHANNEL', data: channel});
        dispatch({type: 'RECEIVED_MY_CHANNEL_MEMBER', data: member});
    }
}

async function posted(message: SocketMessage) {
    const post = parse<Post>(message.data.post);
    await dispatch(loadProfiles([post.user_id]));
    if (post.pending_post_id && getState().entities.posts.posts[post.id]) {
        return;
    }
    dispatch({type: 'RECEIVED_NEW_POST', data: post});
    if (message.event !== 'posted') {
        return;
    }
    const type = message.data.channel_type;
    if (type === 'D' || type === 'G') {
        await learnChannel(post.channel_id);
    }
    const seen = post.user_id === myId() || (post.channel_id === currentChannelId() && document.hasFocus());
    const mentions = message.data.mentions ? parse<string[]>(message.data.mentions) : [];
    dispatch({type: 'CHANNEL_GOT_POST', data: {
        id: post.channel_id, at: post.create_at, read: seen, mention: mentions.includes(myId()),
    }});
    if (post.channel_id === currentChannelId() && document.hasFocus() && post.user_id !== myId()) {
        await dispatch(markRead(post.channel_id));
    }
}

async function userAdded(message: SocketMessage) {
    const channelId = message.broadcast.channel_id || String(message.data.channel_id ?? '');
    const userId = String(message.data.user_id);
    if (userId === myId()) {
        await learnChannel(channelId);
    } else {
        dispatch({type: 'RECEIVED_PROFILE_IN_CHANNEL', data: {id: channelId, user_id: userId}});
        await dispatch(loadProfiles([userId]));
    }
    await refreshStats(channelId);
}

async function userRemoved(message: SocketMessage) {
    const forMe = message.broadcast.user_id === myId();
    const channelId = String(message.data.channel_id ?? message.broadcast.channel_id);
    if (forMe) {
        const channel = getState().entities.channels.channels[channelId];
        if (channelId === currentChannelId()) {
            browserHistory.push(teamPath(getState(), '/channels/town-square'));
            if (message.data.remover_id && message.data.remover_id !== myId()) {
                dispatch(notice(`You were removed from ${channel?.display_name ?? 'the channel'}.`));
            }
        }
        if (channel) {
            dispatch({type: 'LEAVE_CHANNEL', data: channel});
        }
        return;
    }
    dispatch({type: 'RECEIVED_PROFILE_NOT_IN_CHANNEL', data: {id: channelId, user_id: String(message.data.user_id)}});
    await refreshStats(channelId);
}

async function refreshStats(channelId: string) {
    if (channelId && channelId === currentChannelId()) {
        dispatch({type: 'RECEIVED_CHANNEL_STATS', data: await client.channelStats(channelId)});
    }
}

const handlers: Record<string, (message: SocketMessage) => unknown> = {
    posted,
    ephemeral_message: posted,
    post_edited: (message) => dispatch({type: 'RECEIVED_POST', data: parse<Post>(message.data.post)}),
    post_deleted: (message) => dispatch({type: 'POST_DELETED', data: parse<Post>(message.data.post)}),
    user_added: userAdded,
    user_removed: userRemoved,
    channel_created: (message) => learnChannel(String(message.data.channel_id)),
    direct_added: (message) => learnChannel(message.broadcast.channel_id),
    group_added: (message) => learnChannel(message.broadcast.channel_id),
    channel_updated: (message) => dispatch({type: 'RECEIVED_CHANNEL', data: parse<Channel>(message.data.channel)}),
    channel_converted: async (message) => dispatch({
        type: 'RECEIVED_CHANNEL', data: await client.channel(String(message.data.channel_id)),
    }),
    channel_deleted: (message) => dispatch({
        type: 'RECEIVED_CHANNEL_DELETED', data: {id: message.data.channel_id, deleteAt: message.data.delete_at},
    }),
    channel_member_updated: (message) => dispatch({
        type: 'RECEIVED_MY_CHANNEL_MEMBER', data: parse(message.data.channelMember),
    }),
    channel_viewed: (message) => dispatch({type: 'CHANNEL_READ', data: message.data.channel_id}),
    added_to_team: () => dispatch(loadMyTeams()),
    leave_team: (message) => {
        if (message.data.user_id === myId()) {
            dispatch({type: 'LEAVE_TEAM', data: {id: message.data.team_id}});
        }
    },
    update_team: (message) => dispatch({type: 'RECEIVED_TEAM', data: parse(message.data.team)}),
    preferences_changed: (message) => dispatch({
        type: 'RECEIVED_PREFERENCES', data: parse<Preference[]>(message.data.preferences),
    }),
    preferences_deleted: (message) => dispatch({
        type: 'DELETED_PREFERENCES', data: parse<Preference[]>(message.data.preferences),
    }),
    user_updated: (message) => {
        const user = message.data.user as User;
        if (user.id === myId()) {
            return client.me().then((data) => dispatch({type: 'RECEIVED_ME', data}));
        }
        return getState().entities.users.profiles[user.id] && dispatch({type: 'RECEIVED_PROFILE', data: user});
    },
    status_change: (message) => dispatch({
        type: 'RECEIVED_STATUSES', data: [{user_id: message.data.user_id, status: message.data.status}],
    }),
    plugin_enabled: (message) => {
        const manifest = message.data.manifest as PluginManifest;
        dispatch({type: 'RECEIVED_WEBAPP_PLUGIN', data: manifest});
        return loadPlugin(manifest);
    },
    plugin_disabled: (message) => removePlugin(message.data.manifest as PluginManifest),
    open_dialog: (message) => dispatch({type: 'RECEIVED_DIALOG', data: parse<OpenDialog>(message.data.dialog)}),
    config_changed: (message) => dispatch({type: 'CLIENT_CONFIG_RECEIVED', data: message.data.config}),
    license_changed: (message) => dispatch({type: 'CLIENT_LICENSE_RECEIVED', data: message.data.license}),
};

function onEvent(message: SocketMessage) {
    // The answer of a handler is awaited only to report its failure; the next event does not wait.
    Promise.resolve().then(() => handlers[message.event]?.(message)).catch((error) => console.error(error));
    pluginEvents.deliver(message);
}

/** Reloads what is shown, after events may have been missed. */
async function reload() {
    pluginEvents.reconnected();
    const {currentTeamId} = getState().entities.teams;
    const channelId = currentChannelId();
    const work: Array<Promise<unknown>> = [syncPlugins(), dispatch(loadMyTeams())];
    if (currentTeamId) {
        work.push(dispatch(loadChannels(currentTeamId)));
    }
    if (channelId) {
        work.push(dispatch(loadPosts(channelId)));
    }
    await Promise.all(work);
}

/** Opens the connection of the signed-in user. Only one is open per page. */
export function connect(): Connection {
    if (!me(getState())) {
        throw new Error('connect needs a signed-in user');
    }
    const url = new URL(`${basename}/api/v4/websocket`, window.location.origin);
    url.protocol = url.protocol.replace('http', 'ws');
    const connection = new Connection(
        url.href,
        () => getState().entities.general.config.EnableReliableWebSockets === 'true',
        {
            onOpen: () => dispatch({type: 'WEBSOCKET_SUCCESS', timestamp: Date.now()}),
            onClose: () => dispatch({type: 'WEBSOCKET_FAILURE', timestamp: Date.now()}),
            onLoss: () => reload().catch((error) => console.error(error)),
            onEvent,
        },
    );
    connection.open();
    return connection;
}
