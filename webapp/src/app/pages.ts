import {ComponentType} from 'react';

import {ErrorPage} from 'src/features/error_page/error_page';
import {PlaybookList} from 'src/features/playbook_list/playbook_list';

export interface BackstagePage {
    /** Below `/TEAM/PLUGIN`, as react-router matches it; exact, a final slash does not matter. */
    path: string;
    component: ComponentType;

    /** Shows the bar with the two lists above the page. */
    hasTopBar: boolean;
}

/** The full pages, in the order in which their paths are tried. */
export const pages: BackstagePage[] = [
    {path: '/playbooks', component: PlaybookList, hasTopBar: true},
    {path: '/error', component: ErrorPage, hasTopBar: false},
];
