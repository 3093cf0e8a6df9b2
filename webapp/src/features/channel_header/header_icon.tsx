import React, {ReactNode, useEffect, useLayoutEffect, useRef, useState} from 'react';
import {useSelector} from 'react-redux';

import {isPluginSidebarOpen} from 'src/state/reducer';
import {ShieldIcon} from 'src/ui/icon';
import {Hidden} from 'src/ui/root';

const ACTIVE = 'channel-header__icon--active';

/**
 * The shield in the channel header. The host renders it a second time in its narrow header, so only one has the id. That
 * header has colours of its own, which the host gives to its own icons alone. The host gives its button no name, so the
 * label does.
 */
export function HeaderIcon({label}: {label: ReactNode}) {
    const element = useRef<HTMLSpanElement>(null);
    const isOpen = useSelector(isPluginSidebarOpen);
    const [header, setHeader] = useState<string>();
    useLayoutEffect(() => setHeader(element.current?.closest('#channel-header, #navbar')?.id), []);
    useEffect(() => {
        const button = element.current?.closest('#channel-header') ? element.current.closest('button') : null;
        button?.classList.toggle(ACTIVE, isOpen);
        return () => button?.classList.remove(ACTIVE);
    }, [isOpen]);
    return (
        <span
            ref={element}
            className='icon'
            style={{display: 'inline-flex', color: header === 'navbar' ? 'var(--sidebar-header-text-color)' : undefined}}
        >
            <ShieldIcon
                id={header === 'channel-header' ? 'incidentIcon' : undefined}
                size={18}
            />
            <Hidden>{label}</Hidden>
        </span>
    );
}
