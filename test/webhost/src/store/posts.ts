import type {AnyAction} from 'redux';

import type {Dictionary, Post, PostList} from '../types';

import type {PostBlock, State} from './types';

type Posts = State['entities']['posts'];

/** Newest first, as the server's lists are. */
function inOrder(ids: Iterable<string>, posts: Dictionary<Post>): string[] {
    return [...new Set(ids)].
        filter((id) => posts[id]).
        sort((a, b) => (posts[b]?.create_at ?? 0) - (posts[a]?.create_at ?? 0));
}

function withBlock(state: Posts, posts: Dictionary<Post>, channelId: string, change: Partial<PostBlock> & {ids: string[]}) {
    const known = state.postsInChannel[channelId]?.[0] ?? {order: [], recent: true, oldest: false};
    const block = {
        order: inOrder([...change.ids, ...known.order], posts),
        recent: true,
        oldest: change.oldest ?? known.oldest,
    };
    return {...state, posts, postsInChannel: {...state.postsInChannel, [channelId]: [block]}};
}

/**
 * Posts that came while the channel's first list was on its way: the server may have made the list before them, and
 * never lists ephemeral ones.
 */
function missingIn(list: PostList, state: Posts, channelId: string): string[] {
    const newest = Math.max(0, ...Object.values(list.posts).map((post) => post.create_at));
    return Object.values(state.posts).
        filter((post) => post.channel_id === channelId && (post.type === 'system_ephemeral' || post.create_at > newest)).
        map(({id}) => id);
}

function receiveInChannel(state: Posts, list: PostList, channelId: string, oldest: boolean | undefined): Posts {
    const posts = {...state.posts, ...list.posts};
    const early = state.postsInChannel[channelId] ? [] : missingIn(list, state, channelId);
    return withBlock(state, posts, channelId, {ids: [...early, ...list.order], oldest});
}

export function posts(state: Posts = {posts: {}, postsInChannel: {}}, action: AnyAction): Posts {
    switch (action.type) {
    case 'RECEIVED_POSTS':
        return {...state, posts: {...state.posts, ...action.data.posts}};
    case 'RECEIVED_POSTS_IN_CHANNEL':
        return receiveInChannel(state, action.data, action.channelId, action.oldest);
    case 'RECEIVED_POST': {
        return {...state, posts: {...state.posts, [action.data.id]: action.data}};
    }
    case 'RECEIVED_NEW_POST': {
        const post: Post = action.data;
        const next = {...state.posts, [post.id]: post};
        if (!state.postsInChannel[post.channel_id]) {
            return {...state, posts: next};
        }
        return withBlock(state, next, post.channel_id, {ids: [post.id]});
    }
    case 'POST_DELETED': {
        const post = state.posts[action.data.id];
        return post ? {...state, posts: {...state.posts, [post.id]: {...post, state: 'DELETED'}}} : state;
    }
    case 'POST_REMOVED': {
        const post = state.posts[action.data.id];
        if (!post) {
            return state;
        }
        const next = {...state.posts};
        delete next[post.id];
        const blocks = (state.postsInChannel[post.channel_id] ?? []).map((block) => ({
            ...block, order: block.order.filter((id) => id !== post.id),
        }));
        return {posts: next, postsInChannel: {...state.postsInChannel, [post.channel_id]: blocks}};
    }
    default:
        return state;
    }
}
