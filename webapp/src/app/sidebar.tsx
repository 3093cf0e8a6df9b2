import React, {useEffect} from 'react';
import {useDispatch} from 'react-redux';

import {setSidebarOpen} from 'src/state/reducer';
import {LazyPage} from 'src/ui/lazy_page';

const load = () => import(/* webpackChunkName: "sidebar", webpackPrefetch: true */ 'src/features/incident_sidebar/sidebar').then(({Sidebar}) => ({default: Sidebar}));

/** What the host shows while this plugin's sidebar is open; its content is loaded when it is opened first. */
export function LazySidebar() {
    const dispatch = useDispatch();
    useEffect(() => {
        dispatch(setSidebarOpen(true));
        return () => {
            dispatch(setSidebarOpen(false));
        };
    }, [dispatch]);
    return <LazyPage load={load}/>;
}
