import {Capability} from 'src/capabilities/capability';

/** Downloads of an incident or of its channel. */
export const exporting: Capability = {
    name: 'export',
    pageAction: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/export/export_link'),
};
