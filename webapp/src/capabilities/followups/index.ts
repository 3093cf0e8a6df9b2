import {Capability} from 'src/capabilities/capability';
import {serverHasFollowUps} from 'src/capabilities/followups/presence';

/** What is to be done after an incident: a page of all, a section on the incident's page and one in the sidebar's summary. */
export const followups: Capability = {
    name: 'followups',

    // Servers before 2.0.0 have no revisions, and no follow-ups.
    isOffered: ({revision}) => typeof revision === 'number' && serverHasFollowUps(),
    summarySection: () => import(/* webpackChunkName: "sidebar" */ 'src/capabilities/followups/summary_section'),
    pageSection: () => import(/* webpackChunkName: "followups" */ 'src/capabilities/followups/page_section'),
    pages: [{
        path: '/followups',
        hasTopBar: true,
        barLink: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/followups/bar_link'),
        load: () => import(/* webpackChunkName: "followups" */ 'src/capabilities/followups/page'),
    }],
};
