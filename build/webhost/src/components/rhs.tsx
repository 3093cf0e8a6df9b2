import React from 'react';
import {useDispatch, useSelector} from 'react-redux';
import {Link} from 'react-router-dom';

import {teamPath, updateRhs} from '../store/actions';
import {preference} from '../store/selectors';
import type {Dispatch, State} from '../store/types';
import type {Post as PostType} from '../types';

import {Pluggable} from './pluggable';
import {Post} from './post';

function Header({children}: {children: React.ReactNode}) {
    const dispatch = useDispatch<Dispatch>();
    const expanded = useSelector((state: State) => state.views.rhs.isSidebarExpanded);
    const label = expanded ? 'Collapse the right sidebar' : 'Expand the right sidebar';
    return (
        <div className='sidebar--right__header'>
            <span className='sidebar--right__title'>{children}</span>
            <div className='sidebar--right__buttons'>
                <button
                    type='button'
                    className='sidebar--right__expand btn-icon'
                    aria-label={label}
                    title={label}
                    onClick={() => dispatch({type: 'TOGGLE_RHS_EXPANDED'})}
                ><i className={`icon ${expanded ? 'icon-arrow-collapse' : 'icon-arrow-expand'}`}/></button>
                <button
                    id='searchResultsCloseButton'
                    type='button'
                    className='sidebar--right__close btn-icon'
                    aria-label='Close'
                    title='Close'
                    onClick={() => dispatch(updateRhs(null))}
                ><i className='icon icon-close'/></button>
            </div>
        </div>
    );
}

function Flagged() {
    const ids = useSelector((state: State) => state.views.rhs.flaggedPostIds);
    const state = useSelector((all: State) => all);
    const posts = (ids ?? []).map((id) => state.entities.posts.posts[id]).
        filter((post): post is PostType => Boolean(post) && preference(state, 'flagged_post', post?.id ?? '') === 'true');
    let content: React.ReactNode = posts.map((post) => (
        <div
            key={post.id}
            className='search-item__container'
        >
            <div className='search-item__head'>
                <span>{state.entities.channels.channels[post.channel_id]?.display_name}</span>
                <Link to={teamPath(state, `/pl/${post.id}`)}>Jump</Link>
            </div>
            <Post
                post={post}
                location='RHS'
            />
        </div>
    ));
    if (ids === null) {
        content = <div className='loading-screen'><div className='spinner'/></div>;
    } else if (posts.length === 0) {
        content = <p className='empty-state'>Nothing is saved yet. Choose “Save” in the menu of a message.</p>;
    }
    return (
        <div
            id='searchContainer'
            className='sidebar-right__body'
        >
            <Header>Saved Posts</Header>
            <div
                id='search-items-container'
                className='search-items-container'
            >{content}</div>
        </div>
    );
}

/** The right-hand sidebar: a plugin's, or the saved posts. */
export function RightSidebar() {
    const {isSidebarOpen, isSidebarExpanded, rhsState, pluggableId} = useSelector((state: State) => state.views.rhs);
    const plugin = useSelector((state: State) =>
        state.plugins.components.RightHandSidebarComponent?.find((one) => one.id === pluggableId));
    if (!isSidebarOpen) {
        return null;
    }
    return (
        <aside
            id='sidebar-right'
            className={`sidebar--right ${isSidebarExpanded ? 'sidebar--right--expanded' : ''} move--left`}
            aria-label='Right sidebar'
        >
            {rhsState === 'plugin' && plugin ? (
                <div
                    id='rhsContainer'
                    className='sidebar-right__body'
                >
                    <Header>{plugin.title}</Header>
                    <Pluggable
                        name='RightHandSidebarComponent'
                        id={plugin.id}
                    />
                </div>
            ) : null}
            {rhsState === 'flag' ? <Flagged/> : null}
        </aside>
    );
}
