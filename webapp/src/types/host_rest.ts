/** The part of Mattermost's own REST objects that this plugin reads. */

export interface UserTimezone {
    useAutomaticTimezone?: boolean | string;
    automaticTimezone?: string;
    manualTimezone?: string;
}

export interface User {
    id: string;
    username: string;
    first_name: string;
    last_name: string;
    nickname: string;
    locale?: string;
    delete_at?: number;
    is_bot?: boolean;

    /** Names of system roles, with spaces between them. */
    roles?: string;
    last_picture_update?: number;
    timezone?: UserTimezone;
}

export interface Channel {
    id: string;
    team_id: string;
    name: string;
    display_name: string;
    type: string;
    delete_at: number;
}

export interface Team {
    id: string;
    name: string;
    display_name: string;
}

export interface Post {
    id: string;
    channel_id: string;
    user_id: string;
    message: string;
    type?: string;
    create_at: number;

    /** 0 unless edited. */
    edit_at: number;
    delete_at: number;
    state?: string;
}
