/** When the next status update of an incident is due. */
export interface UpdateClock {
    /** 0 when it is overdue. */
    next_update_at: number;

    /** When an update was due that has not come; 0 when none is overdue. */
    overdue_since: number;
}

/** The time limit of an incident's current stage. */
export interface StageClock {
    /** Zero-based. */
    stage: number;

    /** When the stage became the current one. */
    since: number;
    due_at: number;

    /** When it was told that the limit is reached; 0 is never. */
    reached_at: number;
}

/** What the server takes as the time limit of a stage, in seconds; 0 is none. */
export const STAGE_LIMIT_SECONDS = {least: 60, most: 2_592_000};
