import React, {ReactNode, useEffect, useLayoutEffect, useRef, useState} from 'react';
import {useSelector} from 'react-redux';

import {isPluginSidebarOpen} from 'src/state/reducer';
import {ShieldIcon} from 'src/ui/icon';
import {Hidden} from 'src/ui/root';

const ACTIVE = 'channel-header__icon--active';

/**
 * The shield in the channel header. The host renders it a second time in its narrow header, so only one has the id. The
 * host gives its button no name, so the label does.
 */
export function HeaderIcon({label}: {label: ReactNode}) {
    const element = useRef<HTMLSpanElement>(null);
    const isOpen = useSelector(isPluginSidebarOpen);
    const [isMain, setMain] = useState(false);
    useLayoutEffect(() => setMain(Boolean(element.current?.closest('#channel-header'))), []);
    useEffect(() => {
        const button = element.current?.closest('#channel-header') ? element.current.closest('button') : null;
        button?.classList.toggle(ACTIVE, isOpen);
        return () => button?.classList.remove(ACTIVE);
    }, [isOpen]);
    return (
        <span
            ref={element}
            className='icon'
            style={{display: 'inline-flex'}}
        >
            <ShieldIcon
                id={isMain ? 'incidentIcon' : undefined}
                size={18}
            />
            <Hidden>{label}</Hidden>
        </span>
    );
}
