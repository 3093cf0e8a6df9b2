import {Capability} from 'src/capabilities/capability';
import {AnyIncident} from 'src/types/incident';

/** Whether an update is planned or overdue. Reminders of an incident that has ended do not count. */
const hasClock = ({incident: {is_active: isActive, clock}}: {incident: AnyIncident}) =>
    isActive && clock !== undefined && (clock.next_update_at > 0 || clock.overdue_since > 0);

/** When the next status update is due. */
export const clock: Capability = {
    name: 'clock',
    summaryDetails: {isShown: hasClock, load: () => import(/* webpackChunkName: "clock" */ 'src/capabilities/clock/summary')},
    rowDetails: {isShown: hasClock, load: () => import(/* webpackChunkName: "clock" */ 'src/capabilities/clock/row')},
    pageDetails: {isShown: hasClock, load: () => import(/* webpackChunkName: "clock" */ 'src/capabilities/clock/page_details')},
};
