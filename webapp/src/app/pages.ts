import {ComponentType} from 'react';

import {capabilities} from 'src/capabilities/all';
import {ErrorPage} from 'src/features/error_page/error_page';
import {IncidentList} from 'src/features/incident_list/incident_list';
import {IncidentPage} from 'src/features/incident_page/incident_page';
import {NewPlaybook, PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {PlaybookList} from 'src/features/playbook_list/playbook_list';
import {lazyPage} from 'src/ui/lazy_page';

export interface BackstagePage {
    /** Below `/TEAM/PLUGIN`, as react-router matches it; exact, a final slash does not matter. */
    path: string;
    component: ComponentType;

    /** Shows the bar with the two lists above the page. */
    hasTopBar: boolean;
}

const added = capabilities.flatMap(({pages: ofCapability}) => ofCapability ?? []).map(({load, ...page}) => ({...page, component: lazyPage(load)}));

/** The full pages, in the order in which their paths are tried. */
export const pages: BackstagePage[] = [
    {path: '/playbooks', component: PlaybookList, hasTopBar: true},
    {path: '/playbooks/new/:rest*', component: NewPlaybook, hasTopBar: false},
    {path: '/playbooks/:id', component: PlaybookEditor, hasTopBar: false},
    {path: '/incidents', component: IncidentList, hasTopBar: true},
    {path: '/incidents/:id', component: IncidentPage, hasTopBar: false},
    {path: '/error', component: ErrorPage, hasTopBar: false},
    ...added,
];
