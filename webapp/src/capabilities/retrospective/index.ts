import {defineMessage} from 'react-intl';

import {Capability} from 'src/capabilities/capability';
import {serverHasRetrospectives} from 'src/capabilities/retrospective/presence';

/** What was learned from an incident: a document that drafts itself, is edited by several people, and is published. */
export const retrospective: Capability = {
    name: 'retrospective',

    // Servers before 2.0.0 have no revisions, and no retrospectives.
    isOffered: ({revision}) => typeof revision === 'number' && serverHasRetrospectives(),
    pageSection: () => import(/* webpackChunkName: "retrospective" */ 'src/capabilities/retrospective/section_of_page'),
    pages: [{
        path: '/incidents/:id/retrospective',
        hasTopBar: false,
        load: () => import(/* webpackChunkName: "retrospective-page" */ 'src/capabilities/retrospective/page'),
    }],
    editorTab: {
        key: 'retrospective',
        title: defineMessage({id: 'retrospective.editor_tab', defaultMessage: 'Retrospective'}),
        load: () => import(/* webpackChunkName: "retrospective-editor" */ 'src/capabilities/retrospective/editor_tab'),
        isOffered: serverHasRetrospectives,
        save: async (playbookId, value) => (await import(/* webpackChunkName: "retrospective-editor" */ 'src/capabilities/retrospective/settings_draft')).saveUnsaved(playbookId, value),
    },
};
