import React, {useState} from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {client} from '../client';
import {is2026} from '../frame';
import {ActionsMenu} from '../frames/2026/actions_menu';
import {failed, notice, removePreference, savePreference, teamPath} from '../store/actions';
import {preference} from '../store/selectors';
import type {Dispatch, State} from '../store/types';
import {currentTheme} from '../theme';
import type {Post as PostType} from '../types';

import {Attachments} from './attachments';
import {Confirm} from './confirm';
import {Menu, MenuItem, MenuLine} from './menu';
import {Message} from './message';
import {Avatar, UserName} from './names';
import {Pluggable} from './pluggable';
import {Textbox} from './textbox';
import {clock, fullDate} from './times';

/** System messages carry a type that starts so; an ephemeral one is a message by somebody nonetheless. */
const isSystem = (post: PostType) => post.type.startsWith('system_') && post.type !== 'system_ephemeral';

function EditBox({post, onDone}: {post: PostType; onDone: () => void}) {
    const dispatch = useDispatch<Dispatch>();
    const [text, setText] = useState(post.message);
    const save = async () => {
        try {
            if (text.trim() && text !== post.message) {
                dispatch({type: 'RECEIVED_POST', data: await client.patchPost(post.id, text)});
            }
            onDone();
        } catch (error) {
            dispatch(failed(error));
        }
    };
    return (
        <div className='post-edit'>
            <Textbox
                id='edit_textbox'
                channelId={post.channel_id}
                value={text}
                characterLimit={16383}
                createMessage='Edit the message'
                supportsCommands={false}
                onChange={(event) => setText(event.target.value)}
                onKeyDown={(event) => {
                    if (event.key === 'Escape') {
                        onDone();
                    } else if (event.key === 'Enter' && !event.shiftKey) {
                        event.preventDefault();
                        void save();
                    }
                }}
            />
            <button
                id='editButton'
                type='button'
                className='btn btn-primary btn-sm'
                onClick={() => void save()}
            >Save</button>
            <button
                type='button'
                className='btn btn-link btn-sm'
                onClick={onDone}
            >Cancel</button>
        </div>
    );
}

type MenuProps = {post: PostType; location: string; onEdit: () => void; onDelete: () => void};

/** Mounted only while the menu is open, so that it may look at the whole state. */
function PostMenuItems({post, onEdit, onDelete}: Omit<MenuProps, 'location'>) {
    const dispatch = useDispatch<Dispatch>();
    const state = useSelector((all: State) => all);
    const mine = post.user_id === state.entities.users.currentUserId;
    const ephemeral = post.type === 'system_ephemeral';
    const saved = preference(state, 'flagged_post', post.id) === 'true';
    const isAdmin = state.entities.users.profiles[state.entities.users.currentUserId]?.roles.includes('system_admin');
    const actions = is2026 ? [] : (state.plugins.components.PostDropdownMenu ?? []).filter((one) => one.filter?.(post.id) ?? true);
    const link = `${window.location.origin}${teamPath(state, `/pl/${post.id}`)}`;
    const run = (work: Promise<unknown>) => work.catch((error) => dispatch(failed(error)));
    return (
        <>
            {ephemeral ? null : (
                <>
                    <MenuItem
                        id={`${saved ? 'un' : ''}save_post_${post.id}`}
                        icon='icon-bookmark-outline'
                        onClick={() => void run(dispatch(saved ?
                            removePreference('flagged_post', post.id) : savePreference('flagged_post', post.id, 'true')))}
                    >{saved ? 'Remove from Saved' : 'Save'}</MenuItem>
                    <MenuItem
                        id={`permalink_${post.id}`}
                        icon='icon-link-variant'
                        onClick={() => void run(navigator.clipboard.writeText(link).then(() => dispatch(notice('Link copied.'))))}
                    >Copy Link</MenuItem>
                </>
            )}
            {mine && !isSystem(post) && !ephemeral ? (
                <MenuItem
                    id={`edit_post_${post.id}`}
                    icon='icon-pencil-outline'
                    onClick={onEdit}
                >Edit</MenuItem>
            ) : null}
            {(mine || isAdmin) && !ephemeral ? (
                <MenuItem
                    id={`delete_post_${post.id}`}
                    icon='icon-trash-can-outline'
                    danger={true}
                    onClick={onDelete}
                >Delete</MenuItem>
            ) : null}
            {is2026 ? null : (
                <Pluggable
                    name='PostDropdownMenuItem'
                    postId={post.id}
                />
            )}
            {actions.length > 0 ? <MenuLine/> : null}
            {actions.map((one) => (
                <MenuItem
                    key={one.id}
                    id={`${one.pluginId}_dropdown_${post.id}`}
                    onClick={() => (one.action as (id: string) => void)(post.id)}
                >{one.text}</MenuItem>
            ))}
        </>
    );
}

function PostMenu({post, location, onEdit, onDelete}: MenuProps) {
    return (
        <Menu
            id={`${location}_button_${post.id}`}
            label='More actions'
            align='end'
            buttonClass='post__dropdown btn-icon'
            button={<i className='icon icon-dots-horizontal'/>}
        >
            <PostMenuItems
                post={post}
                onEdit={onEdit}
                onDelete={onDelete}
            />
        </Menu>
    );
}

type Props = {
    post: PostType;
    /** Follows another message of the same person closely: no picture, no name. */
    compact?: boolean;
    highlight?: boolean;
    location?: 'CENTER' | 'RHS';
};

function PlainPost({post, compact = false, highlight = false, location = 'CENTER'}: Props) {
    const dispatch = useDispatch<Dispatch>();
    const [editing, setEditing] = useState(false);
    const [deleting, setDeleting] = useState(false);
    const theme = useSelector(currentTheme);
    const special = useSelector((state: State) => state.plugins.postTypes[post.type]);
    const system = isSystem(post);
    const gone = post.state === 'DELETED';
    const override = typeof post.props.override_username === 'string' ? post.props.override_username : '';
    const bot = post.props.from_bot === 'true' || post.props.from_webhook === 'true';
    const Special = special?.component;

    const remove = async () => {
        setDeleting(false);
        try {
            await client.deletePost(post.id);
            dispatch({type: 'POST_REMOVED', data: post});
        } catch (error) {
            dispatch(failed(error));
        }
    };

    let body: React.ReactNode = (
        <Message
            id={`postMessageText_${post.id}`}
            text={post.message}
        />
    );
    if (gone) {
        body = <p className='post--deleted__text'>{'(message deleted)'}</p>;
    } else if (editing) {
        body = (
            <EditBox
                post={post}
                onDone={() => setEditing(false)}
            />
        );
    } else if (Special) {
        body = (
            <Special
                post={post}
                theme={theme}
            />
        );
    }

    return (
        <div
            id={`${location === 'RHS' ? 'searchResult' : 'post'}_${post.id}`}
            data-testid='postView'
            className={`post ${compact ? 'post--compact' : ''} ${system ? 'post--system' : ''} ${highlight ? 'post--highlight' : ''}`}
        >
            <div className='post__content'>
                <div className='post__img'>
                    {compact ? <span className='post__side-time'>{clock(post.create_at)}</span> : null}
                    {!compact && system ? <i className='icon icon-information-outline post__system-icon'/> : null}
                    {!compact && !system ? <Avatar userId={post.user_id}/> : null}
                </div>
                <div className='post__main'>
                    {compact ? null : (
                        <div className='post__header'>
                            {system ? 'System' : override || <UserName userId={post.user_id}/>}
                            {bot ? <span className='BotBadge Badge'>BOT</span> : null}
                            <time
                                className='post__time'
                                dateTime={new Date(post.create_at).toISOString()}
                                title={fullDate(post.create_at)}
                            >{clock(post.create_at)}</time>
                            {post.type === 'system_ephemeral' ? <span className='post__visibility'>(Only visible to you)</span> : null}
                        </div>
                    )}
                    <div className='post__body'>
                        {compact && post.type === 'system_ephemeral' ? <span className='post__visibility'>(Only visible to you)</span> : null}
                        {body}
                        {post.edit_at && !gone && !editing ? <span className='post-edited__indicator'>(edited)</span> : null}
                        {post.props.attachments?.length && !gone ? (
                            <Attachments
                                postId={post.id}
                                list={post.props.attachments}
                            />
                        ) : null}
                    </div>
                </div>
                {gone ? null : (
                    <div className='post-menu'>
                        {is2026 && !system ? (
                            <ActionsMenu
                                postId={post.id}
                                location={location}
                            />
                        ) : null}
                        <PostMenu
                            post={post}
                            location={location}
                            onEdit={() => setEditing(true)}
                            onDelete={() => setDeleting(true)}
                        />
                    </div>
                )}
            </div>
            {deleting ? (
                <Confirm
                    id='deletePostModal'
                    title='Delete message?'
                    text='The message disappears for everybody. This cannot be undone.'
                    button='Delete'
                    onConfirm={() => void remove()}
                    onCancel={() => setDeleting(false)}
                />
            ) : null}
        </div>
    );
}

export const Post = React.memo(PlainPost);
