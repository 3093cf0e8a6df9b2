import {StartPart} from 'src/capabilities/capability';

/** Name of the websocket event of a retrospective that was changed. */
export const RETROSPECTIVE_EVENT = 'retrospective_updated';

export const retrospectiveAtStart: StartPart = {
    events: [RETROSPECTIVE_EVENT],
};
