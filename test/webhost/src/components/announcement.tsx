import React from 'react';
import {useSelector} from 'react-redux';

import type {State} from '../store/types';

/** The administrator's banner. */
export function AnnouncementBar() {
    const {EnableBanner, BannerText} = useSelector((state: State) => state.entities.general.config);
    return EnableBanner === 'true' && BannerText ? <div className='announcement-bar' role='status'>{BannerText}</div> : null;
}

export function ConnectionBar() {
    const {connected, lastDisconnectAt} = useSelector((state: State) => state.websocket);
    return connected || !lastDisconnectAt ? null :
        <div className='announcement-bar' role='status'>The connection to the server is lost. Trying again…</div>;
}
