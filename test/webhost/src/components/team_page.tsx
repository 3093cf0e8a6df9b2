import React, {useEffect, useState} from 'react';
import {useDispatch, useSelector} from 'react-redux';
import {Redirect, Route, Switch, useParams} from 'react-router-dom';

import {client} from '../client';
import {is2026} from '../frame';
import {browserHistory} from '../history';
import {
    channelPath, directChannel, ensureMember, failed, loadChannels, loadProfiles, markRead, updateRhs,
} from '../store/actions';
import {channelTitle, currentChannel, currentTeam, myTeams} from '../store/selectors';
import {store} from '../store';
import type {Dispatch, PluginComponent, State} from '../store/types';
import type {Channel} from '../types';

import {ChannelHeader, MobileNavbar} from './channel_header';
import {Composer} from './composer';
import {Pluggable} from './pluggable';
import {PostList} from './post_list';
import {RightSidebar} from './rhs';
import {Sidebar, TeamBar} from './sidebar';

const ID = /^[a-z0-9]{26}$/;
const LAST = 'webhost-last-channel-';

/** Finds the channel an address means: by name, by id, or by the person it is with. */
export async function resolveChannel(teamId: string, kind: string, name: string): Promise<Channel | null> {
    if (kind === 'messages' && name.startsWith('@')) {
        const [user] = await client.usersByNames([name.slice(1)]);
        return user ? store.dispatch(directChannel([user.id])) : null;
    }
    const known = Object.values(store.getState().entities.channels.channels);
    const found = known.find((one) => (one.name === name || one.id === name) && (one.team_id === teamId || one.team_id === ''));
    if (found) {
        return found;
    }
    return ID.test(name) ? client.channel(name) : client.channelByName(teamId, name);
}

function NotFound({text}: {text: string}) {
    return (
        <div className='empty-state error__container'>
            <h2>Not found</h2>
            <p>{text}</p>
            <button
                type='button'
                className='btn btn-primary'
                onClick={() => browserHistory.push('/')}
            >Back</button>
        </div>
    );
}

function ChannelPage() {
    const {kind = 'channels', name = '', postId = ''} = useParams<{kind?: string; name?: string; postId?: string}>();
    const dispatch = useDispatch<Dispatch>();
    const teamId = useSelector((state: State) => state.entities.teams.currentTeamId);
    const channel = useSelector(currentChannel);
    const title = useSelector((state: State) => (channel ? channelTitle(state, channel) : ''));
    const [missing, setMissing] = useState(false);

    useEffect(() => {
        let stale = false;
        setMissing(false);
        resolveChannel(teamId, kind, name).then(async (found) => {
            if (stale || !found) {
                setMissing(!found);
                return;
            }
            await dispatch(ensureMember(found));
            if (stale) {
                return;
            }
            dispatch({type: 'SELECT_CHANNEL', data: found.id});
            if (found.team_id) {
                localStorage.setItem(LAST + teamId, found.name);
            }
            if (found.id === name) {
                browserHistory.replace(channelPath(store.getState(), found) + (postId ? `/${postId}` : ''));
            }
            await Promise.all([
                dispatch(markRead(found.id)),
                client.channelStats(found.id).then((data) => dispatch({type: 'RECEIVED_CHANNEL_STATS', data})),
                client.usersInChannel(found.id).then((data) => dispatch({type: 'RECEIVED_PROFILES_LIST_IN_CHANNEL', id: found.id, data})),
            ]);
        }).catch((error) => {
            if (error?.status === 404 || error?.status === 403 || error?.status === 400) {
                setMissing(true);
            } else {
                dispatch(failed(error));
            }
        });
        return () => {
            stale = true;
        };
    }, [dispatch, teamId, kind, name, postId]);

    useEffect(() => {
        document.title = title ? `${title} - Mattermost` : 'Mattermost';
    }, [title]);

    useEffect(() => {
        const onFocus = () => channel && void dispatch(markRead(channel.id)).catch((error) => console.warn(error));
        window.addEventListener('focus', onFocus);
        return () => window.removeEventListener('focus', onFocus);
    }, [dispatch, channel]);

    if (missing) {
        return <NotFound text='This channel does not exist, or you may not see it.'/>;
    }
    return channel ? (
        <div
            id='app-content'
            className='app__content'
        >
            <ChannelHeader channel={channel}/>
            <PostList
                key={channel.id}
                channel={channel}
                focus={postId}
            />
            <Composer
                key={`composer${channel.id}`}
                channel={channel}
            />
        </div>
    ) : null;
}

/** Goes to the channel of a post, with the post in view. */
function Permalink() {
    const {postId = ''} = useParams<{postId?: string}>();
    const dispatch = useDispatch<Dispatch>();
    const [missing, setMissing] = useState(false);
    useEffect(() => {
        client.post(postId).then(async (post) => {
            const channel = await client.channel(post.channel_id);
            dispatch({type: 'RECEIVED_CHANNEL', data: channel});
            await dispatch(loadProfiles([post.user_id]));
            await dispatch(ensureMember(channel));
            const kind = channel.type === 'D' || channel.type === 'G' ? 'messages' : 'channels';
            const state = store.getState();
            const team = state.entities.teams.teams[channel.team_id] ?? currentTeam(state);
            browserHistory.replace(`/${team?.name}/${kind}/${channel.name}/${postId}`);
        }).catch(() => setMissing(true));
    }, [dispatch, postId]);
    return missing ? <NotFound text='This message does not exist, or you may not see it.'/> : null;
}

function Center({ready}: {ready: boolean}) {
    const channel = useSelector(currentChannel);
    const lhsOpen = useSelector((state: State) => state.views.lhs.isOpen);
    const rhs = useSelector((state: State) => state.views.rhs);
    const team = useSelector(currentTeam);
    const dispatch = useDispatch<Dispatch>();
    useEffect(() => {
        document.body.classList.add('app__body', 'channel-view');
        return () => document.body.classList.remove('app__body', 'channel-view');
    }, []);
    useEffect(() => {
        // Real clients close a sidebar of posts, not one of a plugin, with the team it belongs to.
        const {rhsState} = store.getState().views.rhs;
        if (rhsState && rhsState !== 'plugin') {
            dispatch(updateRhs(null));
        }
    }, [dispatch, team?.id]);
    const backdrop = lhsOpen ? (
        <button
            type='button'
            className='lhs-backdrop'
            aria-label='Close the channel list'
            onClick={() => dispatch({type: 'CLOSE_LHS'})}
        />
    ) : null;
    const main = (
        <>
            <MobileNavbar channel={channel}/>
            {ready ? (
                <Switch>
                    <Route path='/:team/pl/:postId'><Permalink/></Route>
                    <Route path='/:team/:kind(channels|messages)/:name/:postId?'><ChannelPage/></Route>
                    <Route><Redirect to={`/${team?.name}/channels/${localStorage.getItem(LAST + (team?.id ?? '')) ?? 'town-square'}`}/></Route>
                </Switch>
            ) : <div className='loading-screen'><div className='spinner'/></div>}
        </>
    );
    if (is2026) {
        return (
            <>
                {backdrop}
                <div className='lhs'><Sidebar/></div>
                <main
                    id='channel_view'
                    className='inner-wrap channel-view'
                >{main}</main>
            </>
        );
    }
    return (
        <div className={`main-wrapper ${lhsOpen ? 'lhs--open' : ''} ${rhs.isSidebarOpen ? 'rhs--open' : ''}`}>
            {backdrop}
            <div className='lhs'>
                <TeamBar/>
                <Sidebar/>
            </div>
            <main className='inner-wrap channel__wrap'>{main}</main>
            <RightSidebar/>
        </div>
    );
}

const none: PluginComponent[] = [];

/** Everything below a team's address: plugins' full pages, and the channels. */
export function TeamPage() {
    const {team: name = ''} = useParams<{team?: string}>();
    const dispatch = useDispatch<Dispatch>();
    const team = useSelector((state: State) => myTeams(state).find((one) => one.name === name));
    const current = useSelector((state: State) => state.entities.teams.currentTeamId);
    const routes = useSelector((state: State) => state.plugins.components.NeedsTeamComponent ?? none);
    const [readyTeam, setReadyTeam] = useState('');
    const id = team?.id ?? '';

    useEffect(() => {
        if (!id) {
            return;
        }
        dispatch({type: 'SELECT_TEAM', data: id});
        localStorage.setItem('webhost-last-team', name);
        dispatch(loadChannels(id)).then(() => setReadyTeam(id)).catch((error) => dispatch(failed(error)));
    }, [dispatch, id, name]);

    if (!team) {
        return <NotFound text='This team does not exist, or you are not a member of it.'/>;
    }
    if (current !== id) {
        return null;
    }
    return (
        <Switch>
            {routes.map((one) => (
                <Route
                    key={one.id}
                    path={`/:team/${one.route}`}
                >
                    <Pluggable
                        name='NeedsTeamComponent'
                        id={one.id}
                        {...is2026 && {css: {gridArea: 'center'}}}
                    />
                </Route>
            ))}
            <Route><Center ready={readyTeam === id}/></Route>
        </Switch>
    );
}
