/** What a playbook does with the channels of its incidents after the end. */
export interface PlaybookChannel {
    /** 0 is never. */
    archive_after_days: number;
}

/** What becomes of the channel of an incident after the end. Times are milliseconds since the epoch; 0 means never. */
export interface IncidentChannel {
    /** Absent when it is never archived by itself. */
    archive_after_days?: number;

    /** When it will be archived. */
    archive_at: number;

    /** When the plugin has archived it. */
    archived_at: number;

    /** Who chose it when ending the incident. */
    by_user_id?: string;
}

/** Who is added to the channel when an incident starts. */
export interface Invitations {
    user_ids: string[];
    group_ids: string[];
}

/** What the server takes. */
export const CHANNEL_LIMITS = {days: 365, people: 100, groups: 20};
