import React, {useEffect} from 'react';
import {FormattedMessage} from 'react-intl';
import {useDispatch, useSelector} from 'react-redux';
import {OverlayTrigger, Tooltip} from 'react-bootstrap';
import {Route, Switch, useLocation, useParams} from 'react-router-dom';

import {AnnouncementBar, ConnectionBar} from '../../components/announcement';
import {Menu} from '../../components/menu';
import {AccountEntries} from '../../components/menu_entries';
import {Avatar} from '../../components/names';
import {PluginSidebar, RightSidebar} from '../../components/rhs';
import {resolveChannel} from '../../components/team_page';
import {TeamBar} from '../../components/sidebar';
import {failed, loadChannels, toggleFlagged} from '../../store/actions';
import {currentChannel, me, myTeams} from '../../store/selectors';
import type {Dispatch, PluginComponent, State} from '../../store/types';

const none: PluginComponent[] = [];

function GlobalHeader() {
    const dispatch = useDispatch<Dispatch>();
    const user = useSelector(me);
    return (
        <header id='global-header'>
            <button
                id='product_switch_menu'
                type='button'
                className='btn-icon'
            ><i className='icon icon-products'/><span className='sr-only'><FormattedMessage
                id='navbar.products'
                defaultMessage='Products'
            /></span></button>
            <span className='global-header__product'>Channels</span>
            <span className='global-header__space'/>
            <button
                type='button'
                className='btn-icon'
                aria-label='Saved messages'
                onClick={() => void dispatch(toggleFlagged())}
            ><i className='icon icon-bookmark-outline'/></button>
            <Menu
                id='userAccountMenuButton'
                label="User's account menu"
                align='end'
                role='menu'
                buttonClass='btn-icon global-header__user'
                button={user ? <Avatar userId={user.id} size={24}/> : null}
            >
                <AccountEntries settings='Profile'/>
            </Menu>
        </header>
    );
}

/** Plugins' buttons; a plugin without one of its own is shown with that of the channel header. */
function AppBar() {
    const own = useSelector((state: State) => state.plugins.components.AppBar ?? none);
    const header = useSelector((state: State) => state.plugins.components.ChannelHeaderButton ?? none);
    const rhs = useSelector((state: State) => state.views.rhs);
    const sidebars = useSelector((state: State) => state.plugins.components.RightHandSidebarComponent ?? none);
    const channel = useSelector(currentChannel);
    const member = useSelector((state: State) => (channel ? state.entities.channels.myMembers[channel.id] : undefined));
    const shown = rhs.isSidebarOpen ? sidebars.find((one) => one.id === rhs.pluggableId)?.pluginId : undefined;
    const entries = [...own, ...header.filter((one) => !own.some(({pluginId}) => pluginId === one.pluginId))];

    // The client's own entries do nothing until the channel is there and do not say so. Tests wait for this attribute.
    const pressable = Boolean(channel && member);
    return (
        <div className='app-bar'>
            <div className='app-bar__top'>
                {entries.map((one) => (
                    <OverlayTrigger
                        key={one.id}
                        placement='left'
                        delayShow={400}
                        overlay={<Tooltip id={`tip${one.id}`}>{one.tooltipText ?? one.dropdownText ?? one.pluginId}</Tooltip>}
                    >
                        <div
                            id={`app-bar-icon-${one.pluginId}`}
                            className={`app-bar__icon ${one.pluginId === shown ? 'app-bar__icon--active' : ''}`}
                            aria-disabled={!pressable}
                            onClick={() => channel && member && (one.action as (...args: unknown[]) => void)(channel, member)}
                        >
                            <div
                                role='button'
                                tabIndex={0}
                                className={one.iconUrl ? 'app-bar__icon-inner' : 'app-bar__old-icon app-bar__icon-inner'}
                            >{one.iconUrl ? (
                                <img
                                    src={one.iconUrl}
                                    alt={one.pluginId}
                                />
                            ) : one.icon}</div>
                        </div>
                    </OverlayTrigger>
                ))}
            </div>
        </div>
    );
}

/** A plugin's sidebar alone in a window. */
function RhsPopout() {
    const {team: name = '', pluginId = ''} = useParams<{team?: string; pluginId?: string}>();
    const channelName = new URLSearchParams(useLocation().search).get('channel') ?? '';
    const dispatch = useDispatch<Dispatch>();
    const team = useSelector((state: State) => myTeams(state).find((one) => one.name === name));
    const plugin = useSelector((state: State) => state.plugins.components.RightHandSidebarComponent?.find((one) => one.pluginId === pluginId));
    const ready = useSelector((state: State) => state.entities.channels.currentChannelId !== '');
    const id = team?.id ?? '';
    useEffect(() => {
        if (id) {
            document.body.classList.add('app__body', 'popout');
            dispatch({type: 'SELECT_TEAM', data: id});
            dispatch(loadChannels(id)).then(() => resolveChannel(id, 'channels', channelName)).
                then((found) => dispatch({type: 'SELECT_CHANNEL', data: found?.id})).
                catch((error) => dispatch(failed(error)));
        }
    }, [dispatch, id, channelName]);
    return <div className='main-wrapper rhs-popout'>{plugin && ready ? <PluginSidebar plugin={plugin}/> : null}</div>;
}

/** What is around the pages. */
export function Shell({children}: {children: React.ReactNode}) {
    const teams = useSelector((state: State) => myTeams(state).length);
    const lhsOpen = useSelector((state: State) => state.views.lhs.isOpen);
    const withAppBar = useSelector((state: State) => state.entities.general.config.DisableAppBar !== 'true');
    return (
        <Switch>
            <Route path='/_popout/rhs/:team/plugin/:pluginId'><RhsPopout/></Route>
            <Route>
                <AnnouncementBar/>
                <ConnectionBar/>
                <GlobalHeader/>
                {teams > 1 ? <TeamBar/> : null}
                <div className={`main-wrapper ${lhsOpen ? 'lhs--open' : ''}`}>
                    {children}
                    <RightSidebar/>
                </div>
                {withAppBar ? <AppBar/> : null}
            </Route>
        </Switch>
    );
}
