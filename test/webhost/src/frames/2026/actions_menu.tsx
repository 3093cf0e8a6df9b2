import React from 'react';
import {useSelector} from 'react-redux';

import {Menu, MenuItem} from '../../components/menu';
import {Pluggable} from '../../components/pluggable';
import type {PluginComponent, State} from '../../store/types';

const none: PluginComponent[] = [];

function Entries({postId}: {postId: string}) {
    const actions = useSelector((state: State) => state.plugins.components.PostDropdownMenu ?? none);
    return (
        <>
            {actions.filter((one) => one.filter?.(postId) ?? true).map((one) => (
                <MenuItem
                    key={one.id}
                    onClick={() => (one.action as (id: string) => void)(postId)}
                >{one.text}</MenuItem>
            ))}
            <Pluggable
                name='PostDropdownMenuItem'
                postId={postId}
            />
        </>
    );
}

/** The menu of plugins' entries beside a post; not there when no plugin has one for it. */
export function ActionsMenu({postId, location}: {postId: string; location: string}) {
    const isNeeded = useSelector(({plugins: {components}}: State) => Boolean(components.PostDropdownMenuItem?.length ||
        components.PostDropdownMenu?.some((one) => one.filter?.(postId) ?? true)));
    return isNeeded ? (
        <Menu
            id={`${location}_actions_button_${postId}`}
            label='Message actions'
            align='end'
            buttonClass='post__dropdown btn-icon'
            button={<i className='icon icon-apps'/>}
        ><Entries postId={postId}/></Menu>
    ) : null;
}
