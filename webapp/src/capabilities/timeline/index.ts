import {defineMessage} from 'react-intl';

import {Capability} from 'src/capabilities/capability';
import {serverHasTimeline} from 'src/capabilities/timeline/presence';

/** What happened in an incident and when: in the sidebar, on the incident's page, and from the menu of a message. */
export const timeline: Capability = {
    name: 'timeline',

    // Servers before 2.0.0 have no revisions, and no timelines.
    isOffered: ({revision}) => typeof revision === 'number' && serverHasTimeline(),
    sidebarTab: {
        key: 'timeline',
        title: defineMessage({id: 'incident_timeline.tab', defaultMessage: 'Timeline'}),
        load: () => import(/* webpackChunkName: "incident-timeline" */ 'src/capabilities/timeline/sidebar_tab'),
    },
    pageSection: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/timeline/page_section'),
};
