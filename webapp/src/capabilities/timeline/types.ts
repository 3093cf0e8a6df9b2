/** Mirrors the JSON of server/timeline/api.yaml. Times are milliseconds since the epoch; 0 means never. */

export type EntryKind = 'event' | 'update' | 'message' | 'manual';

/** One side of an own event: the names that are read here. */
export interface EventSide {
    /** Of a role: its name and who has it, "" for nobody. */
    name?: string;
    holder_id?: string;

    /** Of a handoff of command: who is to take over. */
    to_user_id?: string;
    commander_user_id?: string;

    /** The commander changed because a handoff was accepted. */
    handoff_id?: string;
    active_stage_title?: string;

    /** The key is '' where no level was chosen. */
    severity?: {key: string; name: string};

    /** The level is worse than before. */
    raised?: boolean;
    reason?: string;

    /** When the next status update is due, 0 for never, and since when it is overdue, 0 if it is not. */
    next_update_at?: number;
    overdue_since?: number;

    /** When the channel will be archived. */
    archive_at?: number;

    /** Why something did not happen, such as `user`. */
    because?: string;
    create_at?: number;
    checklist_id?: string;
    item_id?: string;
    title?: string;
    task?: {id?: string; title?: string};
    state?: string;
    assignee_id?: string;
}

export interface OwnEvent {
    /** Revision of the incident after the event. */
    revision: number;
    type: string;
    before: EventSide;
    after: EventSide;

    /** The post that announced it; '' is none. */
    post_id: string;
}

export interface Source {
    post_id: string;
    channel_id: string;

    /** Of another channel than the incident's. */
    channel_name?: string;

    /** The post was deleted. */
    gone: boolean;

    /** It was deleted before its text was recorded. */
    lost?: boolean;
}

export interface EntryFile {
    id: string;
    name: string;

    /** Bytes. */
    size: number;

    /** '' when there is no hash. */
    sha256: string;
}

export interface Entry {
    id: string;
    incident_id: string;
    kind: EntryKind;
    happened_at: number;
    recorded_at: number;

    /** '' is the plugin. */
    author_id: string;

    /** The author's name at the time of recording. */
    author_name?: string;
    added_by_id: string;

    /** Markdown. */
    text: string;
    starred: boolean;
    version: number;
    edited_at: number;
    edited_by_id: string;
    original?: {text: string; happened_at: number};
    source?: Source;
    files?: EntryFile[];
    event?: OwnEvent;
    deleted_at: number;
    deleted_by_id: string;
}

export type VersionAction = 'added' | 'edited' | 'post_edited' | 'starred' | 'unstarred' | 'deleted';

export interface Version {
    version: number;
    action: VersionAction;
    actor_id: string;
    create_at: number;
    happened_at: number;
    text: string;
}

export interface EntryWithVersions extends Entry {
    /** Oldest first. */
    versions: Version[];
}

export interface EntryPage {
    items: Entry[];
    has_more: boolean;
    next_cursor: string;

    /** How many entries people have added; absent while there are none, and from servers that do not tell. */
    entry_count?: number;
}

export interface NewEntry {
    text?: string;

    /** Absent is now, by the server's clock. */
    happened_at?: number;
    post_id?: string;
    starred?: boolean;
}

export interface EntryChange {
    text?: string;
    happened_at?: number;
    starred?: boolean;

    /** That the user has seen; absent is any. */
    version?: number;
}

/** The server's names of kinds to choose by. */
export type KindName = 'update' | 'message' | 'manual' | 'commander' | 'incident' | 'reminder' | 'stage' | 'task' | 'other';

export interface Filter {
    /** Empty is all. */
    kinds: KindName[];

    /** Id of a user; '' is anybody. */
    person: string;
    starred: boolean;
}

export const EVERYTHING: Filter = {kinds: [], person: '', starred: false};

/** How many entries people can add to a timeline, and from how many on it is told. */
export const MOST_ENTRIES = 10_000;
export const WARN_FROM = 9_000;

/** Longest text of an entry that is written by hand, in characters. */
export const MOST_TEXT = 4000;
