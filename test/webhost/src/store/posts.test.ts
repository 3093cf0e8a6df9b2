import {describe, expect, it} from 'vitest';

import {arrange} from '../components/post_list';
import type {Post} from '../types';

import {posts} from './posts';

const MINUTE = 60_000;
const NOON = new Date(2021, 8, 1, 12).getTime();
const post = (id: string, at: number, more: Partial<Post> = {}): Post => ({
    id, create_at: at, update_at: at, edit_at: 0, delete_at: 0, user_id: 'anna', channel_id: 'c', root_id: '', message: id,
    type: '', props: {}, pending_post_id: '', ...more,
});
const list = (...all: Post[]) => ({order: all.map((one) => one.id), posts: Object.fromEntries(all.map((one) => [one.id, one]))});
const empty = {posts: {}, postsInChannel: {}};
const order = (state: ReturnType<typeof posts>) => state.postsInChannel.c?.[0]?.order;

describe('posts', () => {
    const loaded = posts(empty, {type: 'RECEIVED_POSTS_IN_CHANNEL', channelId: 'c', oldest: true, data: list(post('b', 2), post('a', 1))});

    it('puts a new post first, once', () => {
        const data = post('n', 3);
        const state = posts(posts(loaded, {type: 'RECEIVED_NEW_POST', data}), {type: 'RECEIVED_NEW_POST', data});
        expect(order(state)).toEqual(['n', 'b', 'a']);
    });

    it('does not list a channel because one post of it arrived', () => {
        expect(order(posts(empty, {type: 'RECEIVED_NEW_POST', data: post('n', 3)}))).toBeUndefined();
    });

    it('keeps what arrived before the first list and is not in it', () => {
        const arrived = [post('answer', 1, {type: 'system_ephemeral'}), post('n', 3), post('elsewhere', 4, {channel_id: 'd'}), post('old', 0)].
            reduce((state, data) => posts(state, {type: 'RECEIVED_NEW_POST', data}), empty);
        const state = posts(arrived, {type: 'RECEIVED_POSTS_IN_CHANNEL', channelId: 'c', data: list(post('b', 2))});
        expect(order(state)).toEqual(['n', 'b', 'answer']);
    });

    it('keeps the newer ones when older ones are loaded', () => {
        const state = posts(loaded, {type: 'RECEIVED_POSTS_IN_CHANNEL', channelId: 'c', data: list(post('z', 0))});
        expect(order(state)).toEqual(['b', 'a', 'z']);
        expect(state.postsInChannel.c?.[0]?.oldest).toBe(true);
    });

    it('marks what others deleted and drops what I deleted', () => {
        expect(posts(loaded, {type: 'POST_DELETED', data: post('a', 1)}).posts.a?.state).toBe('DELETED');
        expect(order(posts(loaded, {type: 'POST_REMOVED', data: post('a', 1)}))).toEqual(['b']);
    });
});

describe('arrange', () => {
    it('joins what one person writes shortly after, and parts days', () => {
        const all = [
            post('old', NOON - 24 * 60 * MINUTE), post('one', NOON), post('soon', NOON + MINUTE),
            post('other', NOON + 2 * MINUTE, {user_id: 'bert'}), post('late', NOON + 9 * MINUTE, {user_id: 'bert'}),
        ];
        const shown = arrange(all.map((one) => one.id).reverse(), Object.fromEntries(all.map((one) => [one.id, one])));
        expect(shown.map(({post: {id}, newDay, compact}) => [id, newDay, compact])).toEqual([
            ['old', true, false], ['one', true, false], ['soon', false, true], ['other', false, false], ['late', false, false],
        ]);
    });
});
