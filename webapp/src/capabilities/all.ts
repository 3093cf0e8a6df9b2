import {Capability} from 'src/capabilities/capability';
import {channel} from 'src/capabilities/channel';
import {clock} from 'src/capabilities/clock';
import {erase} from 'src/capabilities/erase';
import {exporting} from 'src/capabilities/export';
import {followups} from 'src/capabilities/followups';
import {retrospective} from 'src/capabilities/retrospective';
import {roles} from 'src/capabilities/roles';
import {severity} from 'src/capabilities/severity';
import {stagelimits} from 'src/capabilities/stagelimits';
import {status} from 'src/capabilities/status';
import {timeline} from 'src/capabilities/timeline';

/** One line for each capability. Their parts are shown in this order. */
export const capabilities: Capability[] = [
    status,
    severity,
    clock,
    stagelimits,
    roles,
    channel,
    timeline,
    retrospective,
    followups,
    exporting,

    // At the end of the page.
    erase,
];
