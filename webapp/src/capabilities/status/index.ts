import {defineMessage} from 'react-intl';

import {Capability} from 'src/capabilities/capability';

/** Status updates: the newest one and the way to post one, all of them, and how a playbook prepares them. */
export const status: Capability = {
    name: 'status',
    summarySection: () => import(/* webpackChunkName: "sidebar" */ 'src/capabilities/status/recent_update'),
    summaryFooter: () => import(/* webpackChunkName: "sidebar" */ 'src/capabilities/status/update_button'),
    pageSection: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/status/updates'),
    editorTab: {
        key: 'preferences',
        title: defineMessage({id: 'editor.preferences', defaultMessage: 'Preferences'}),
        load: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/status/preferences_tab'),
    },
};
