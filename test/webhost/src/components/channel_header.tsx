import React from 'react';
import {OverlayTrigger, Tooltip} from 'react-bootstrap';
import {useDispatch, useSelector} from 'react-redux';

import {is2026} from '../frame';
import {failed, leaveChannel, openModal, toggleFlagged, updateRhs} from '../store/actions';
import {channelTitle} from '../store/selectors';
import type {Dispatch, PluginComponent, State} from '../store/types';
import type {Channel} from '../types';

import {Menu, MenuItem, MenuLine} from './menu';
import {Message} from './message';
import {ChannelIcon} from './names';

const tip = (id: string, text: React.ReactNode) => <Tooltip id={id}>{text}</Tooltip>;

const none: PluginComponent[] = [];

/** The buttons plugins put into the header. As in real clients, naming them is left to the plugin's icon. */
function PluginButtons({channel, name}: {channel: Channel; name: string}) {
    const buttons = useSelector((state: State) => state.plugins.components[name] ?? none);
    const member = useSelector((state: State) => state.entities.channels.myMembers[channel.id]);
    return (
        <>
            {buttons.map((one) => (
                <div
                    key={one.id}
                    className='flex-child'
                >
                    <OverlayTrigger
                        placement='bottom'
                        delayShow={400}
                        overlay={tip(`tooltip_${one.id}`, one.tooltipText ?? one.dropdownText)}
                    >
                        <button
                            id={name === 'ChannelHeaderButton' ? one.id : undefined}
                            type='button'
                            className='style--none channel-header__icon'
                            onClick={() => (one.action as (channel: Channel, member: unknown) => void)(channel, member)}
                        >{one.icon}</button>
                    </OverlayTrigger>
                </div>
            ))}
        </>
    );
}

/** `ids` is false for the second copy, in the bar of narrow screens. */
function ChannelMenu({channel, ids = true}: {channel: Channel; ids?: boolean}) {
    const dispatch = useDispatch<Dispatch>();
    const title = useSelector((state: State) => channelTitle(state, channel));
    const items = useSelector((state: State) => state.plugins.components.ChannelHeader ?? none);
    const open = channel.type === 'O' || channel.type === 'P';
    return (
        <Menu
            id={ids ? 'channelHeaderDropdownButton' : undefined}
            label={`${title}, channel menu`}
            buttonClass='style--none channel-header__title'
            button={
                <>
                    <ChannelIcon channel={channel}/>
                    <strong
                        id={ids ? 'channelHeaderTitle' : undefined}
                        className='heading'
                    >{title}</strong>
                    <i className='icon icon-chevron-down'/>
                </>
            }
        >
            {open && !channel.delete_at ? (
                <MenuItem
                    id='channelAddMembers'
                    icon='icon-account-plus-outline'
                    onClick={() => dispatch(openModal('addMembers'))}
                >Add Members</MenuItem>
            ) : null}
            {items.map((one) => (
                <MenuItem
                    key={one.id}
                    onClick={() => (one.action as (id: string) => void)(channel.id)}
                >{one.text}</MenuItem>
            ))}
            {open && channel.name !== 'town-square' ? (
                <>
                    <MenuLine/>
                    <MenuItem
                        id='channelLeaveChannel'
                        icon='icon-exit-to-app'
                        danger={true}
                        onClick={() => void dispatch(leaveChannel(channel)).catch((error) => dispatch(failed(error)))}
                    >Leave Channel</MenuItem>
                </>
            ) : null}
        </Menu>
    );
}

export function ChannelHeader({channel}: {channel: Channel}) {
    const dispatch = useDispatch<Dispatch>();
    const members = useSelector((state: State) => state.entities.channels.stats[channel.id]?.member_count);
    const withAppBar = useSelector((state: State) => is2026 && state.entities.general.config.DisableAppBar !== 'true');
    const flagged = useSelector((state: State) => state.views.rhs.rhsState === 'flag');
    return (
        <header
            id='channel-header'
            className='channel-header'
        >
            <div className='channel-header__info'>
                <ChannelMenu channel={channel}/>
                <div className='channel-header__description'>
                    {members ? (
                        <span
                            className='channel-header__members'
                            title={`${members} ${members === 1 ? 'member' : 'members'}`}
                        ><i className='icon icon-account-outline'/>{members}</span>
                    ) : null}
                    {channel.header ? (
                        <Message
                            text={channel.header}
                            className='header-description__text'
                            singleline={true}
                        />
                    ) : null}
                </div>
            </div>
            <div className='channel-header__icons'>
                {withAppBar ? null : (
                    <PluginButtons
                        channel={channel}
                        name='ChannelHeaderButton'
                    />
                )}
                {is2026 ? (
                    <button
                        id='channel-info-btn'
                        type='button'
                        aria-label='View info'
                        className='style--none channel-header__icon'
                        onClick={() => dispatch(updateRhs('channel-info'))}
                    ><i className='icon icon-information-outline'/></button>
                ) : (
                    <OverlayTrigger
                        placement='bottom'
                        delayShow={400}
                        overlay={tip('flagTooltip', 'Saved posts')}
                    >
                        <button
                            id='channelHeaderFlagButton'
                            type='button'
                            aria-label='Saved posts'
                            className={`style--none channel-header__icon ${flagged ? 'channel-header__icon--active' : ''}`}
                            onClick={() => void dispatch(toggleFlagged())}
                        ><i className='icon icon-bookmark-outline'/></button>
                    </OverlayTrigger>
                )}
            </div>
        </header>
    );
}

/** Takes the header's place on narrow screens; the style sheet shows one of the two. */
export function MobileNavbar({channel}: {channel: Channel | undefined}) {
    const dispatch = useDispatch<Dispatch>();
    return (
        <nav
            id='navbar'
            className='mobile-navbar'
            aria-label='Channel'
        >
            <button
                type='button'
                className='style--none channel-header__icon navbar-toggle-lhs'
                aria-label='Channels'
                onClick={() => dispatch({type: 'OPEN_LHS'})}
            ><i className='icon icon-menu'/></button>
            {channel ? (
                <>
                    <ChannelMenu
                        channel={channel}
                        ids={false}
                    />
                    <PluginButtons
                        channel={channel}
                        name='MobileChannelHeaderButton'
                    />
                </>
            ) : null}
        </nav>
    );
}
