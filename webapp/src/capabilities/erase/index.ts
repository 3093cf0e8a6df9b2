import {Capability} from 'src/capabilities/capability';

/** Deletes an incident for good. For system administrators only. */
export const erase: Capability = {
    name: 'erase',
    pageSection: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/erase/erase_section'),
};
