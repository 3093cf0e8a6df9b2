// The parts of Mattermost's own objects this client uses. Times are milliseconds since the epoch.

export type Dictionary<T> = Record<string, T>;

export type User = {
    id: string;
    create_at: number;
    update_at: number;
    delete_at: number;
    username: string;
    email: string;
    nickname: string;
    first_name: string;
    last_name: string;
    position: string;
    roles: string;
    locale: string;
    is_bot?: boolean;
    last_picture_update?: number;
    timezone?: {useAutomaticTimezone: string; automaticTimezone: string; manualTimezone: string};
};

export type Team = {
    id: string;
    name: string;
    display_name: string;
    description: string;
    type: string;
    delete_at: number;
    allow_open_invite: boolean;
};

export type Membership = {
    team_id: string;
    user_id: string;
    roles: string;
    delete_at: number;
    scheme_admin: boolean;
};

/** O public, P private, D direct, G group. */
export type ChannelType = 'O' | 'P' | 'D' | 'G';

export type Channel = {
    id: string;
    create_at: number;
    update_at: number;
    delete_at: number;
    team_id: string;
    type: ChannelType;
    name: string;
    display_name: string;
    header: string;
    purpose: string;
    last_post_at: number;
    total_msg_count: number;
    creator_id: string;
    teammate_id?: string;
};

export type ChannelMember = {
    channel_id: string;
    user_id: string;
    roles: string;
    msg_count: number;
    mention_count: number;
    last_viewed_at: number;
    notify_props: Dictionary<string>;
};

export type PostAction = {
    id: string;
    type?: 'button' | 'select';
    name: string;
    style?: string;
    disabled?: boolean;
    cookie?: string;
    options?: Array<{text: string; value: string}>;
    default_option?: string;
};

export type Attachment = {
    id?: number;
    fallback?: string;
    color?: string;
    pretext?: string;
    author_name?: string;
    title?: string;
    title_link?: string;
    text?: string;
    fields?: Array<{title: string; value: unknown; short: boolean}> | null;
    image_url?: string;
    footer?: string;
    actions?: PostAction[];
};

export type Post = {
    id: string;
    create_at: number;
    update_at: number;
    edit_at: number;
    delete_at: number;
    user_id: string;
    channel_id: string;
    root_id: string;
    message: string;
    type: string;
    props: Dictionary<unknown> & {attachments?: Attachment[]};
    pending_post_id: string;
    /** Set on the client when somebody deleted the post. */
    state?: 'DELETED';
};

export type PostList = {order: string[]; posts: Dictionary<Post>};

export type Preference = {user_id: string; category: string; name: string; value: string};

export type DialogElement = {
    display_name: string;
    name: string;
    type: 'text' | 'textarea' | 'select' | 'bool' | 'radio';
    subtype: string;
    default: string;
    placeholder: string;
    help_text: string;
    optional: boolean;
    min_length: number;
    max_length: number;
    data_source: string;
    options: Array<{text: string; value: string}> | null;
};

export type OpenDialog = {
    trigger_id: string;
    url: string;
    dialog: {
        callback_id: string;
        title: string;
        introduction_text: string;
        icon_url: string;
        elements: DialogElement[] | null;
        submit_label: string;
        notify_on_cancel: boolean;
        state: string;
    };
};

export type DialogAnswer = {error?: string; errors?: Dictionary<string>};

export type CommandSuggestion = {
    Complete: string;
    Suggestion: string;
    Hint: string;
    Description: string;
    IconData: string;
};

export type PluginManifest = {
    id: string;
    name?: string;
    version: string;
    webapp: {bundle_path: string};
};

export type SocketMessage = {
    event: string;
    data: Dictionary<unknown>;
    broadcast: {omit_users: Dictionary<boolean> | null; user_id: string; channel_id: string; team_id: string};
    seq: number;
};

export type Theme = Dictionary<string> & {type?: string};
