import {StartPart} from 'src/capabilities/capability';

/** Name of the websocket event of a follow-up that was added or changed. */
export const FOLLOWUP_EVENT = 'followup_updated';

/** Name of the websocket event of tasks that were carried over. */
export const CARRIED_EVENT = 'followups_carried_over';

export const followupsAtStart: StartPart = {events: [FOLLOWUP_EVENT, CARRIED_EVENT]};
