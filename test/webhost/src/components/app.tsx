import React, {useEffect} from 'react';
import {useDispatch, useSelector} from 'react-redux';
import {Redirect, Route, Router, Switch, useLocation} from 'react-router-dom';

import {is2026} from '../frame';
import {Shell} from '../frames/2026/shell';
import {browserHistory} from '../history';
import {refreshTranslations} from '../plugins/registry';
import {connect} from '../socket/events';
import {notice, openModal} from '../store/actions';
import {locale, me, myTeams} from '../store/selectors';
import type {Dispatch, PluginComponent, State} from '../store/types';
import {applyTheme, currentTheme} from '../theme';

import {AnnouncementBar, ConnectionBar} from './announcement';
import {DialogHost} from './dialog';
import {Login} from './login';
import {ModalHost} from './modals';
import {Pluggable} from './pluggable';
import {TeamPage} from './team_page';

function Home() {
    const teams = useSelector(myTeams);
    const dispatch = useDispatch<Dispatch>();
    const last = localStorage.getItem('webhost-last-team');
    const team = teams.find((one) => one.name === last) ?? teams[0];
    if (team) {
        return <Redirect to={`/${team.name}`}/>;
    }
    return (
        <main className='empty-state error__container'>
            <h1>You are in no team yet</h1>
            <p>Join one, or ask an administrator to add you.</p>
            <button
                type='button'
                className='btn btn-primary'
                onClick={() => dispatch(openModal('joinTeam'))}
            >Join a Team</button>
        </main>
    );
}

/** `/_redirect/…` leads to the same address below one of my teams. */
function TeamRedirect() {
    const {pathname, search} = useLocation();
    const teams = useSelector(myTeams);
    const last = localStorage.getItem('webhost-last-team');
    const team = teams.find((one) => one.name === last) ?? teams[0];
    return <Redirect to={team ? pathname.replace('/_redirect', `/${team.name}`) + search : '/'}/>;
}

function Notice() {
    const dispatch = useDispatch<Dispatch>();
    const text = useSelector((state: State) => state.views.notice.text);
    useEffect(() => {
        const timer = text ? window.setTimeout(() => dispatch(notice('')), 8000) : 0;
        return () => window.clearTimeout(timer);
    }, [dispatch, text]);
    return (
        <div
            className='notice'
            role='status'
        >
            {text ? (
                <div className='notice__box'>
                    {text}
                    <button
                        type='button'
                        className='btn-icon'
                        aria-label='Dismiss'
                        onClick={() => dispatch(notice(''))}
                    ><i className='icon icon-close'/></button>
                </div>
            ) : null}
        </div>
    );
}

function LoggedIn() {
    const routes = useSelector((state: State) => state.plugins.components.CustomRouteComponent) ?? ([] as PluginComponent[]);
    useEffect(() => {
        const connection = connect();
        return () => connection.close();
    }, []);
    const pages = (
        <Switch>
            <Route
                path='/'
                exact={true}
            ><Home/></Route>
            <Route path='/_redirect'><TeamRedirect/></Route>
            {routes.map((one) => (
                <Route
                    key={one.id}
                    path={`/plug/${one.route}`}
                >
                    <Pluggable
                        name='CustomRouteComponent'
                        id={one.id}
                    />
                </Route>
            ))}
            <Route path='/:team'><TeamPage/></Route>
        </Switch>
    );
    return (
        <>
            {is2026 ? <Shell>{pages}</Shell> : <><AnnouncementBar/><ConnectionBar/>{pages}</>}
            <DialogHost/>
            <ModalHost/>
            <Pluggable name='Root'/>
        </>
    );
}

/** Where a sign-in leads: the page asked for before it, if that is one of this site. */
export function afterLogin(search: string): string {
    const target = new URLSearchParams(search).get('redirect_to') ?? '/';
    return (/^\/(?![/\\])/).test(target) ? target : '/';
}

function Pages() {
    const user = useSelector(me);
    const {pathname, search} = useLocation();
    if (pathname === '/login') {
        return user ? <Redirect to={afterLogin(search)}/> : <Login/>;
    }
    if (!user) {
        const target = pathname === '/' ? '' : `?redirect_to=${encodeURIComponent(pathname + search)}`;
        return <Redirect to={`/login${target}`}/>;
    }
    return <LoggedIn/>;
}

export function App() {
    const theme = useSelector(currentTheme);
    const language = useSelector(locale);
    useEffect(() => applyTheme(theme), [theme]);
    useEffect(() => {
        document.documentElement.lang = language;
        refreshTranslations();
    }, [language]);
    return (
        <Router history={browserHistory}>
            <Pages/>
            <Notice/>
        </Router>
    );
}
