import React, {useEffect, useRef, useState} from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {basename, browserHistory} from '../history';
import {failed, loadPosts, loadUntilPost} from '../store/actions';
import type {Dispatch, State} from '../store/types';
import type {Channel, Dictionary, Post as PostType} from '../types';

import {Post} from './post';
import {day} from './times';

const CLOSE_TOGETHER = 5 * 60 * 1000;

/** Oldest first, with what the list shows between and beside the posts. */
export function arrange(order: string[], posts: Dictionary<PostType>) {
    const shown = order.map((id) => posts[id]).filter((post): post is PostType => Boolean(post)).reverse();
    return shown.map((post, index) => {
        const before = shown[index - 1];
        const newDay = !before || day(before.create_at) !== day(post.create_at);
        const compact = !newDay && before.user_id === post.user_id && before.type === post.type &&
            !post.type.startsWith('system_') && before.props.from_webhook === post.props.from_webhook &&
            post.create_at - before.create_at < CLOSE_TOGETHER;
        return {post, newDay, compact};
    });
}

export function PostList({channel, focus}: {channel: Channel; focus: string}) {
    const dispatch = useDispatch<Dispatch>();
    const block = useSelector((state: State) => state.entities.posts.postsInChannel[channel.id]?.[0]);
    const posts = useSelector((state: State) => state.entities.posts.posts);
    const myId = useSelector((state: State) => state.entities.users.currentUserId);
    const member = useSelector((state: State) => state.entities.channels.myMembers[channel.id]);
    const [error, setError] = useState(false);
    const [attempt, setAttempt] = useState(0);
    const [seenAt] = useState(member?.last_viewed_at ?? 0);
    const [loadingOlder, setLoadingOlder] = useState(false);
    const list = useRef<HTMLDivElement>(null);

    useEffect(() => {
        setError(false);
        dispatch(loadPosts(channel.id)).catch(() => setError(true));
    }, [dispatch, channel.id, attempt]);

    useEffect(() => {
        if (!focus) {
            return undefined;
        }
        let stopped = false;
        dispatch(loadUntilPost(channel.id, focus)).then(() => {
            if (!stopped) {
                document.getElementById(`post_${focus}`)?.scrollIntoView({block: 'center'});
            }
        }).catch((reason) => dispatch(failed(reason)));
        // The highlight ends, and the address becomes the channel's, so that the same link works again.
        const timer = window.setTimeout(() => {
            const {pathname} = window.location;
            if (pathname.endsWith(`/${focus}`)) {
                browserHistory.replace(pathname.slice(basename.length, -focus.length - 1));
            }
        }, 5000);
        return () => {
            stopped = true;
            window.clearTimeout(timer);
        };
    }, [dispatch, channel.id, focus]);

    const older = async () => {
        const last = block?.order[block.order.length - 1];
        if (loadingOlder || !last || block.oldest) {
            return;
        }
        setLoadingOlder(true);
        await dispatch(loadPosts(channel.id, last)).catch((reason) => dispatch(failed(reason)));
        setLoadingOlder(false);
    };

    const onScroll = () => {
        const box = list.current;
        // The box is reversed, so that it stays at its newest end: its scrollTop runs from 0 down.
        if (box && box.scrollHeight - box.clientHeight + box.scrollTop < 200) {
            void older();
        }
    };

    let content: React.ReactNode = (
        <div className='loading-screen'>
            <div className='spinner'/>
            <span className='sr-only'>Loading messages</span>
        </div>
    );
    if (block) {
        let marked = false;
        content = (
            <>
                {block.oldest ? <Intro channel={channel}/> : (
                    <button
                        type='button'
                        className='btn btn-link more-messages'
                        disabled={loadingOlder}
                        onClick={() => void older()}
                    >{loadingOlder ? 'Loading…' : 'Load older messages'}</button>
                )}
                {arrange(block.order, posts).map(({post, newDay, compact}) => {
                    const isNew = !marked && seenAt > 0 && post.create_at > seenAt && post.user_id !== myId && post.type !== 'system_ephemeral';
                    marked = marked || isNew;
                    return (
                        <React.Fragment key={post.id}>
                            {newDay ? <div className='Separator BasicSeparator'><span>{day(post.create_at)}</span></div> : null}
                            {isNew ? <div className='Separator NotificationSeparator'><span>New Messages</span></div> : null}
                            <Post
                                post={post}
                                compact={compact && !isNew}
                                highlight={post.id === focus}
                            />
                        </React.Fragment>
                    );
                })}
            </>
        );
    } else if (error) {
        content = (
            <div className='empty-state'>
                <p>The messages of this channel could not be loaded.</p>
                <button
                    type='button'
                    className='btn btn-primary'
                    onClick={() => setAttempt(attempt + 1)}
                >Try again</button>
            </div>
        );
    }

    return (
        <div
            className='post-list'
            ref={list}
            tabIndex={0}
            aria-label='Messages'
            role='region'
            onScroll={onScroll}
        >
            <div
                id='postListContent'
                className='post-list__content'
            >{content}</div>
        </div>
    );
}

function Intro({channel}: {channel: Channel}) {
    return (
        <div className='channel-intro'>
            <h2>{channel.type === 'D' || channel.type === 'G' ? 'The start of your conversation' : `Beginning of ${channel.display_name}`}</h2>
            {channel.purpose ? <p>{channel.purpose}</p> : null}
        </div>
    );
}
