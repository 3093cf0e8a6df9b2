import React, {useState} from 'react';
import {useDispatch, useSelector} from 'react-redux';
import {Link} from 'react-router-dom';

import {is2026} from '../frame';
import {channelPath, openModal} from '../store/actions';
import {channelTitle, currentTeam, me, myChannels, myTeams, type ChannelGroups} from '../store/selectors';
import type {Dispatch, State} from '../store/types';
import type {Channel} from '../types';

import {Menu} from './menu';
import {AccountEntries, TeamEntries} from './menu_entries';
import {Avatar, ChannelIcon} from './names';
import {Pluggable} from './pluggable';

export function TeamBar() {
    const dispatch = useDispatch<Dispatch>();
    const teams = useSelector(myTeams, (a, b) => a.length === b.length && a.every((team, index) => team === b[index]));
    const current = useSelector(currentTeam);
    return (
        <nav
            className='team-sidebar'
            aria-label='Teams'
        >
            {teams.map((team) => (
                <Link
                    key={team.id}
                    id={`${team.name}TeamButton`}
                    to={`/${team.name}`}
                    className={`team-container ${team.id === current?.id ? 'active' : ''}`}
                    aria-label={`${team.display_name} team`}
                    aria-current={team.id === current?.id ? 'true' : undefined}
                    title={team.display_name}
                >
                    <span
                        className='team-container__initials'
                        data-initials={team.display_name.slice(0, 2)}
                    />
                </Link>
            ))}
            <button
                id='joinTeamButton'
                type='button'
                className='team-container team-container--add'
                aria-label='Join another team'
                title='Join another team'
                onClick={() => dispatch(openModal('joinTeam'))}
            ><i className='icon icon-plus'/></button>
            <Pluggable name='BottomTeamSidebar'/>
        </nav>
    );
}

function MainMenu() {
    return (
        <Menu
            id='sidebarHeaderDropdownButton'
            label='Main menu'
            align='end'
            buttonClass='btn-icon sidebar-header__menu'
            button={<i className='icon icon-menu'/>}
        >
            <AccountEntries settings='Settings'><TeamEntries/></AccountEntries>
        </Menu>
    );
}

/** The menu of the team, on its name. */
function TeamMenu({name}: {name: string}) {
    return (
        <Menu
            id='sidebarTeamMenuButton'
            label={`${name} team menu`}
            role='menu'
            buttonClass='style--none SidebarHeader__team'
            button={<><h1 id='headerTeamName'>{name}</h1><i className='icon icon-chevron-down'/></>}
        >
            <TeamEntries/>
        </Menu>
    );
}

function ChannelLink({channel}: {channel: Channel}) {
    const title = useSelector((state: State) => channelTitle(state, channel));
    const path = useSelector((state: State) => channelPath(state, channel));
    const active = useSelector((state: State) => state.entities.channels.currentChannelId === channel.id);
    const member = useSelector((state: State) => state.entities.channels.myMembers[channel.id]);
    const muted = member?.notify_props?.mark_unread === 'mention';
    const unread = !active && !muted && channel.total_msg_count > (member?.msg_count ?? 0);
    const mentions = active ? 0 : member?.mention_count ?? 0;
    return (
        <li className={`SidebarChannel ${active ? 'active' : ''} ${unread ? 'unread' : ''}`}>
            <Link
                id={`sidebarItem_${channel.name}`}
                className='SidebarLink'
                to={path}
                aria-current={active ? 'page' : undefined}
                aria-label={unread ? `${title}, unread` : undefined}
            >
                <ChannelIcon channel={channel}/>
                <span className='SidebarChannelLinkLabel'>{title}</span>
                {mentions > 0 ? <span className='badge'>{mentions}</span> : null}
            </Link>
        </li>
    );
}

type GroupProps = {title: string; channels: Channel[]; addLabel: string; onAdd: () => void};

function Group({title, channels, addLabel, onAdd}: GroupProps) {
    const [open, setOpen] = useState(true);
    return (
        <section className='SidebarChannelGroup'>
            <div className='SidebarChannelGroupHeader'>
                <button
                    type='button'
                    className='style--none SidebarChannelGroupHeader_groupButton'
                    aria-expanded={open}
                    onClick={() => setOpen(!open)}
                ><i className={`icon icon-chevron-${open ? 'down' : 'right'}`}/>{title}</button>
                <button
                    type='button'
                    className='btn-icon'
                    aria-label={addLabel}
                    title={addLabel}
                    onClick={onAdd}
                ><i className='icon icon-plus'/></button>
            </div>
            {open ? (
                <ul className='NavGroupContent'>
                    {channels.map((channel) => (
                        <ChannelLink
                            key={channel.id}
                            channel={channel}
                        />
                    ))}
                </ul>
            ) : null}
        </section>
    );
}

const sameList = (a: Channel[], b: Channel[]) => a.length === b.length && a.every((one, index) => one === b[index]);

const sameChannels = (a: ChannelGroups, b: ChannelGroups) =>
    sameList(a.public, b.public) && sameList(a.private, b.private) && sameList(a.direct, b.direct);

export function Sidebar() {
    const dispatch = useDispatch<Dispatch>();
    const team = useSelector(currentTeam);
    const user = useSelector(me);
    const groups = useSelector(myChannels, sameChannels);
    const create = () => dispatch(openModal('createChannel'));
    return (
        <aside
            id='SidebarContainer'
            className='sidebar--left'
        >
            <div
                id='lhsHeader'
                className='SidebarHeader'
            >
                {is2026 ? <TeamMenu name={team?.display_name ?? ''}/> : (
                    <div className='SidebarHeader__names'>
                        <h1 id='headerTeamName'>{team?.display_name}</h1>
                        {user ? <div className='SidebarHeader__user'><Avatar userId={user.id} size={16}/>{`@${user.username}`}</div> : null}
                    </div>
                )}
                <Pluggable name='LeftSidebarHeader'/>
                {is2026 ? null : <MainMenu/>}
            </div>
            <nav
                id='lhsNavigator'
                className='SidebarNavContainer'
                aria-label='Channels'
            >
                <button
                    id='browseChannels'
                    type='button'
                    className='style--none SidebarLink browse-channels'
                    onClick={() => dispatch(openModal('browseChannels'))}
                ><i className='icon icon-magnify'/>Browse channels</button>
                <Group
                    title='Public Channels'
                    channels={groups.public}
                    addLabel='Create a channel'
                    onAdd={create}
                />
                <Group
                    title='Private Channels'
                    channels={groups.private}
                    addLabel='Create a private channel'
                    onAdd={create}
                />
                <Group
                    title='Direct Messages'
                    channels={groups.direct}
                    addLabel='Write a direct message'
                    onAdd={() => dispatch(openModal('directMessage'))}
                />
            </nav>
        </aside>
    );
}
