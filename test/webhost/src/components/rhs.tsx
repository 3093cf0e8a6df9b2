import React, {useEffect} from 'react';
import {useDispatch, useSelector} from 'react-redux';
import {Link} from 'react-router-dom';

import {is2026} from '../frame';
import {focusSidebar} from '../frames/2026/focus';
import {basename, isPopout} from '../history';
import {teamPath, updateRhs} from '../store/actions';
import {currentChannel, currentTeam, preference} from '../store/selectors';
import type {Dispatch, PluginComponent, State} from '../store/types';
import type {Post as PostType} from '../types';

import {Pluggable} from './pluggable';
import {Post} from './post';

function Header({children, popout}: {children: React.ReactNode; popout?: string}) {
    const dispatch = useDispatch<Dispatch>();
    const expanded = useSelector((state: State) => state.views.rhs.isSidebarExpanded);
    const label = expanded ? 'Collapse the right sidebar' : 'Expand the right sidebar';
    return (
        <div className='sidebar--right__header'>
            <span className='sidebar--right__title'>{children}</span>
            <div className='sidebar--right__buttons'>
                {isPopout ? null : (
                    <>
                        <button
                            type='button'
                            className='sidebar--right__expand btn-icon'
                            aria-label={label}
                            title={label}
                            onClick={() => dispatch({type: 'TOGGLE_RHS_EXPANDED'})}
                        ><i className={`icon ${expanded ? 'icon-arrow-collapse' : 'icon-arrow-expand'}`}/></button>
                        {popout ? (
                            <button
                                type='button'
                                className='btn-icon'
                                aria-label='Open in new window'
                                onClick={() => window.open(popout, '_blank', 'width=400,height=700')}
                            ><i className='icon icon-dock-window'/></button>
                        ) : null}
                        <button
                            id='searchResultsCloseButton'
                            type='button'
                            className='sidebar--right__close btn-icon'
                            aria-label='Close'
                            title='Close'
                            onClick={() => dispatch(updateRhs(null))}
                        ><i className='icon icon-close'/></button>
                    </>
                )}
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

/** A plugin's sidebar. */
export function PluginSidebar({plugin}: {plugin: PluginComponent}) {
    const team = useSelector(currentTeam)?.name;
    const channel = useSelector(currentChannel)?.name;
    return (
        <div
            id='rhsContainer'
            className='sidebar-right__body'
        >
            <Header popout={is2026 ? `${basename}/_popout/rhs/${team}/plugin/${plugin.pluginId}?channel=${channel}` : undefined}>{plugin.title}</Header>
            <Pluggable
                name='RightHandSidebarComponent'
                id={plugin.id}
            />
        </div>
    );
}

function ChannelInfo() {
    const channel = useSelector(currentChannel);
    return (
        <div
            id='rhsContainer'
            className='sidebar-right__body'
        >
            <Header>Info</Header>
            <p className='empty-state'>{channel?.purpose || 'This channel has no purpose.'}</p>
        </div>
    );
}

/** The right-hand sidebar: a plugin's, the saved posts, or what is known of the channel. */
export function RightSidebar() {
    const {isSidebarOpen, isSidebarExpanded, rhsState, pluggableId} = useSelector((state: State) => state.views.rhs);
    const suppressed = useSelector((state: State) => state.views.rhsSuppressed);
    const teamId = useSelector((state: State) => state.entities.teams.currentTeamId);
    const plugin = useSelector((state: State) =>
        state.plugins.components.RightHandSidebarComponent?.find((one) => one.id === pluggableId));
    const isOpen = isSidebarOpen && !suppressed;
    const isInfo = rhsState === 'channel-info';
    useEffect(() => {
        if (is2026 && isOpen) {
            focusSidebar();
        }
    }, [isOpen, isInfo, teamId]);
    if (!isOpen) {
        return null;
    }
    const sidebar = (
        <aside
            id='sidebar-right'
            className={`sidebar--right ${isSidebarExpanded ? 'sidebar--right--expanded' : ''} move--left`}
            aria-label='Right sidebar'
        >
            {rhsState === 'plugin' && plugin ? <PluginSidebar plugin={plugin}/> : null}
            {rhsState === 'flag' ? <Flagged/> : null}
            {isInfo ? <ChannelInfo/> : null}
        </aside>
    );
    return is2026 ? <><div className='sidebar--right--width-holder'/>{sidebar}</> : sidebar;
}
