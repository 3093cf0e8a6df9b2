import {Capability} from 'src/capabilities/capability';
import {erase} from 'src/capabilities/erase';
import {exporting} from 'src/capabilities/export';
import {followups} from 'src/capabilities/followups';
import {status} from 'src/capabilities/status';

/** One line for each capability. Their parts are shown in this order. */
export const capabilities: Capability[] = [
    status,
    followups,
    exporting,
    erase, // last, at the end of the page
];
