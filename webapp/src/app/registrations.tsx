import React, {ComponentType} from 'react';
import {FormattedMessage} from 'react-intl';
import {Provider} from 'react-redux';

import {followChannel} from 'src/app/auto_open';
import {followWidth} from 'src/app/main_menu';
import {PageFrame} from 'src/app/page_frame';
import {openPostDialog, PostDialog} from 'src/app/post_dialog';
import {LazySidebar} from 'src/app/sidebar';
import {startParts} from 'src/capabilities/at_start';
import {APP_BAR_ICON} from 'src/features/channel_header/app_bar_icon';
import {HeaderIcon} from 'src/features/channel_header/header_icon';
import {SidebarTitle} from 'src/features/incident_sidebar/sidebar_title';
import {isMessage, PostMenuText, START, startFrom} from 'src/features/start_incident/post_menu';
import {slashCommandHook} from 'src/features/start_incident/slash_hook';
import {Registry, WebSocketMessage} from 'src/host/registry';
import {connectSidebar, sidebar} from 'src/host/sidebar';
import {currentTeamName, HostStore, isSidebarSuppressed, teamById, userLocale} from 'src/host/store';
import {navigate} from 'src/host/window';
import {intlFor, loadMessages, messagesOf} from 'src/i18n/locales';
import {PluginIntl} from 'src/i18n/provider';
import {PLUGIN_ID} from 'src/manifest';
import {emitCapabilityEvent} from 'src/realtime/capability_events';
import {realtimeHandlers} from 'src/realtime/handlers';
import {channelPath, incidentListPath} from 'src/routes';
import {isIncidentChannel} from 'src/store/my_incidents';
import {clientIdOf, reducer} from 'src/state/reducer';
import {ErrorBoundary} from 'src/ui/error_boundary';
import {LazyPage} from 'src/ui/lazy_page';
import {removeLiveRegion} from 'src/ui/live_region';
import {removeToast} from 'src/ui/toast';

/** A component as the host gets it: with texts, and with faults kept inside. */
function hosted<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
    return function Hosted(props: P) {
        return (
            <PluginIntl>
                <ErrorBoundary>
                    <Inner {...props}/>
                </ErrorBoundary>
            </PluginIntl>
        );
    };
}

const loadBackstage = () => import(/* webpackChunkName: "backstage" */ 'src/app/backstage');

const Pages = hosted(function Pages() {
    return (
        <PageFrame>
            <ErrorBoundary>
                <LazyPage load={loadBackstage}/>
            </ErrorBoundary>
        </PageFrame>
    );
});

/** Name of the button in the header. The host shows it in a tooltip too, which it renders outside its own Provider. */
const Incidents = ({store}: {store: HostStore}) => (
    <Provider store={store}>
        <PluginIntl>
            <FormattedMessage
                id='header.tooltip'
                defaultMessage='Incidents'
            />
        </PluginIntl>
    </Provider>
);

/** Registers everything with the host. Returns the function that undoes all of it. */
export function register(registry: Registry, store: HostStore): () => void {
    const undo: Array<() => void> = [];
    const component = (id: string) => undo.push(() => registry.unregisterComponent(id));

    registry.registerReducer(reducer);
    registry.registerTranslations?.((locale) => {
        void loadMessages(locale);
        return messagesOf(locale);
    });
    undo.push(followWidth(registry, store));

    const Title = hosted(SidebarTitle);
    const given = registry.registerRightHandSidebarComponent(hosted(LazySidebar), <Title/>);
    component(given.id);
    undo.push(connectSidebar(store, given));
    const name = <Incidents store={store}/>;
    const pressed = () => {
        const state = store.getState();
        if (isSidebarSuppressed(state)) {
            // Here a sidebar would open unseen.
            navigate(incidentListPath(currentTeamName(state)));
        } else {
            sidebar.toggle();
        }
    };

    // Where the host shows its app bar, the button of the header is left out by itself.
    component(registry.registerChannelHeaderButtonAction(<HeaderIcon label={name}/>, pressed, name, name));
    if (registry.registerAppBarComponent) {
        component(registry.registerAppBarComponent(APP_BAR_ICON, pressed, name));
    }
    const Entry = hosted(PostMenuText);
    component(registry.registerPostDropdownMenuAction(<Entry {...START}/>, startFrom(store), isMessage(store)));
    startParts.forEach(({postAction}) => {
        if (postAction) {
            const {testId, text, isOffered} = postAction;
            component(registry.registerPostDropdownMenuAction(
                (
                    <Entry
                        testId={testId}
                        text={text}
                    />
                ),
                (postId) => openPostDialog(store, postAction, postId),
                (postId) => isMessage(store)(postId) && isOffered(store, postId),
            ));
        }
    });
    component(registry.registerRootComponent(hosted(PostDialog)));

    const realtime = realtimeHandlers(store, ({incident, client_id: clientId}) => {
        const state = store.getState();
        if (clientId && clientId === clientIdOf(state)) {
            navigate(channelPath(teamById(state, incident.team_id)?.name ?? currentTeamName(state), incident.channel_id));
        }
    });
    registry.registerReconnectHandler(realtime.reconnected);
    undo.push(() => registry.unregisterReconnectHandler());
    const listen = (event: string, handler: (message: WebSocketMessage) => void) => {
        registry.registerWebSocketEventHandler(event, handler);
        undo.push(() => registry.unregisterWebSocketEventHandler(event));
    };
    Object.entries(realtime.events).forEach(([event, handler]) => listen(event, handler));
    startParts.forEach(({events = []}) => events.forEach((name) => listen(`custom_${PLUGIN_ID}_${name}`, ({data}) => emitCapabilityEvent(name, data))));
    undo.push(followChannel(store, sidebar.openUnasked));
    component(registry.registerSlashCommandWillBePostedHook(slashCommandHook({
        store,
        intl: () => intlFor(userLocale(store.getState())),
        isIncidentChannel,
        openSidebar: sidebar.open,
    })));

    // The first route that matches is shown, so the more special one has to be registered first.
    component(registry.registerNeedsTeamRoute('/error', Pages));
    component(registry.registerNeedsTeamRoute('/', Pages));

    return () => {
        undo.reverse().forEach((step) => step());
        realtime.dispose();
        removeLiveRegion();
        removeToast();
    };
}
