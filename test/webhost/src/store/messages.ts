// Sending: the hooks of plugins first, then the server.
import {client} from '../client';
import {browserHistory} from '../history';
import type {Dictionary, Post} from '../types';

import {failed, leaveChannel, logout} from './actions';
import type {Thunk} from './types';

type CommandArgs = Dictionary<string>;
type CommandHook = (message: string, args: CommandArgs) => unknown;
type MessageHook = (post: Partial<Post>) => unknown;

/** What became of a message: sent or swallowed by a plugin, or refused with a reason to show. */
export type Sent = {error?: string};

type HookAnswer = {error?: {message: string}; message?: string; args?: CommandArgs; post?: Partial<Post>} | undefined;

export function executeCommand(text: string, channelId: string): Thunk<Promise<Sent>> {
    return async (dispatch, getState) => {
        const state = getState();
        let message = text;
        let args: CommandArgs = {channel_id: channelId, team_id: state.entities.teams.currentTeamId};

        for (const one of state.plugins.components.SlashCommandWillBePosted ?? []) {
            const answer = await (one.hook as CommandHook)(message, args) as HookAnswer;
            if (answer?.error) {
                return {error: answer.error.message};
            }
            if (answer) {
                if (!answer.message) {
                    // An empty answer means that the plugin dealt with the command itself.
                    return {};
                }
                message = answer.message;
                args = answer.args ?? args;
            }
        }

        const word = message.split(/\s/)[0];
        const channel = state.entities.channels.channels[channelId];
        if (word === '/logout') {
            await logout();
            return {};
        }
        if (word === '/leave' && channel) {
            await dispatch(leaveChannel(channel));
            return {};
        }
        const answer = await client.executeCommand(message, args);
        if (answer.trigger_id) {
            dispatch({type: 'RECEIVED_DIALOG_TRIGGER_ID', data: answer.trigger_id});
        }
        if (answer.goto_location) {
            const target = new URL(answer.goto_location, window.location.origin);
            if (target.origin === window.location.origin) {
                browserHistory.push(target.pathname + target.search);
            } else {
                window.open(target.href, '_blank', 'noopener');
            }
        }
        return {};
    };
}

export function createPost(text: string, channelId: string): Thunk<Promise<Sent>> {
    return async (dispatch, getState) => {
        const state = getState();
        const userId = state.entities.users.currentUserId;
        let post: Partial<Post> = {
            channel_id: channelId, message: text, user_id: userId, pending_post_id: `${userId}:${Date.now()}`,
        };
        for (const one of state.plugins.components.MessageWillBePosted ?? []) {
            const answer = await (one.hook as MessageHook)(post) as HookAnswer;
            if (answer?.error) {
                return {error: answer.error.message};
            }
            post = answer?.post ?? post;
        }
        const created = await client.createPost(post);
        dispatch({type: 'RECEIVED_NEW_POST', data: created});
        return {};
    };
}

/** Presses a button, or chooses an option, of a message attachment. */
export function pressAction(postId: string, actionId: string, cookie = '', option = ''): Thunk<Promise<void>> {
    return async (dispatch) => {
        try {
            const answer = await client.postAction(postId, actionId, {
                ...(option ? {selected_option: option} : {}), ...(cookie ? {cookie} : {}),
            });
            if (answer.trigger_id) {
                dispatch({type: 'RECEIVED_DIALOG_TRIGGER_ID', data: answer.trigger_id});
            }
        } catch (error) {
            dispatch(failed(error));
        }
    };
}
