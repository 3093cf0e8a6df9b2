import React from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {is2026} from '../frame';
import {failed, logout, openModal, savePreference} from '../store/actions';
import type {Dispatch, PluginComponent, State} from '../store/types';
import {currentTheme, themes} from '../theme';

import {MenuItem, MenuLine} from './menu';

const none: PluginComponent[] = [];

type AccountProps = {settings: string; children?: React.ReactNode};

/** The entries about the user; children follow the entry for the theme. */
export function AccountEntries({settings, children}: AccountProps) {
    const dispatch = useDispatch<Dispatch>();
    const dark = useSelector(currentTheme).type === themes.dark.type;
    const run = (work: Promise<unknown>) => void work.catch((error) => dispatch(failed(error)));
    return (
        <>
            <MenuItem
                id='accountSettings'
                icon='icon-settings-outline'
                onClick={() => dispatch(openModal('settings'))}
            >{settings}</MenuItem>
            <MenuItem
                id='themeSwitch'
                icon='icon-eye-outline'
                onClick={() => run(dispatch(savePreference('theme', '', JSON.stringify(dark ? themes.light : themes.dark))))}
            >{dark ? 'Light Theme' : 'Dark Theme'}</MenuItem>
            {children}
            <MenuLine/>
            <MenuItem
                id='logout'
                icon='icon-exit-to-app'
                onClick={() => run(logout())}
            >Log Out</MenuItem>
        </>
    );
}

/** The entry for another team, and those of the plugins. Only the menu of 2021 gives plugins an icon and an id. */
export function TeamEntries() {
    const dispatch = useDispatch<Dispatch>();
    const plugins = useSelector((state: State) => state.plugins.components.MainMenu ?? none);
    return (
        <>
            <MenuItem
                id='joinTeam'
                icon='icon-account-multiple-outline'
                onClick={() => dispatch(openModal('joinTeam'))}
            >Join Another Team</MenuItem>
            {plugins.length > 0 ? <MenuLine/> : null}
            {plugins.map((one) => (
                <MenuItem
                    key={one.id}
                    id={is2026 ? undefined : `${one.pluginId}_pluginmenuitem`}
                    icon={is2026 ? undefined : 'icon-power-plug-outline'}
                    onClick={() => (one.action as () => void)()}
                >{one.text}</MenuItem>
            ))}
        </>
    );
}
