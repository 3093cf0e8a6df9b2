import React from 'react';
import {useSelector} from 'react-redux';

import {client} from '../client';
import {displayName, nameSetting, teammateId} from '../store/selectors';
import type {State} from '../store/types';
import type {Channel} from '../types';

export function UserName({userId}: {userId: string}) {
    const user = useSelector((state: State) => state.entities.users.profiles[userId]);
    const setting = useSelector(nameSetting);
    return <span className='user-popover'>{displayName(user, setting)}</span>;
}

export function Avatar({userId, size = 36}: {userId: string; size?: number}) {
    const user = useSelector((state: State) => state.entities.users.profiles[userId]);
    return (
        <img
            className='Avatar'
            alt=''
            width={size}
            height={size}
            src={client.pictureURL(user ?? {id: userId})}
        />
    );
}

/** Globe, lock, people or the other person's presence. */
export function ChannelIcon({channel}: {channel: Channel}) {
    const myId = useSelector((state: State) => state.entities.users.currentUserId);
    const status = useSelector((state: State) => (channel.type === 'D' ?
        state.entities.users.statuses[teammateId(channel, myId)] ?? 'offline' : ''));
    if (channel.type === 'D') {
        return (
            <span
                className={`status status--${status}`}
                role='img'
                aria-label={status}
            />
        );
    }
    const name = channel.delete_at ? 'archive-outline' : {O: 'globe', P: 'lock-outline', G: 'account-multiple-outline'}[channel.type];
    return <i className={`icon icon-${name}`}/>;
}
