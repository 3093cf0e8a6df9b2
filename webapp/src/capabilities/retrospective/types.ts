/** Mirrors the JSON of server/retrospective/api.yaml. Times are milliseconds since the epoch; 0 means never. */

/** What a sentence of the draft was made from. */
export interface Ref {
    /** Events and entries are both entries of the timeline; a post is a status update of version 1.2.0, which has no event. */
    kind: 'incident' | 'event' | 'entry' | 'post' | 'task' | 'followup';
    id: string;
}

export interface Sentence {
    /** Counts from 0 over the text split at line breaks. */
    line: number;
    refs: Ref[];
}

export interface Section {
    key: string;
    heading: string;
    questions: string[];
    origin: 'generated' | 'edited';

    /** Markdown. */
    text: string;

    /** Revision of the document with which this section was changed last. */
    revision: number;
    update_at: number;
    updated_by_id: string;
    sentences: Sentence[];
}

export interface Retrospective {
    incident_id: string;

    /** `none`: nothing is stored, and the sections are computed with each reading. */
    state: 'none' | 'draft' | 'published';

    /** Grows by one with each change; 0 while nothing is stored. */
    revision: number;
    can_edit: boolean;
    due_at: number;

    /** Publishing also posts in the broadcast channel of the incident. */
    broadcast: boolean;
    create_at: number;
    created_by_id: string;
    update_at: number;
    updated_by_id: string;
    drafted_at: number;

    /** Of the last publication, also after it was reopened. */
    published_at: number;
    published_by_id: string;
    sections: Section[];
}

/** The answer to a change of one section. */
export interface SavedSection {
    incident_id: string;
    state: Retrospective['state'];

    /** Of the document. */
    revision: number;
    section: Section;
}

/** What is generated into a section; '' is nothing. */
export type DraftKind = '' | 'summary' | 'impact' | 'what_happened' | 'went_well' | 'did_not_go_well' | 'causes' | 'followups';

export interface SectionTemplate {
    /** '' of a new one: the server makes one of the heading. */
    key: string;
    heading: string;
    questions: string[];
    draft: DraftKind;
}

/** How a playbook prepares retrospectives. */
export interface Settings {
    playbook_id: string;
    revision: number;
    update_at: number;
    updated_by_id: string;

    /** Reminds the commander when the retrospective is due. */
    remind: boolean;

    /** After the end; 0 is at once. */
    due_working_days: number;

    /** Publishing also posts in the broadcast channel. */
    broadcast: boolean;

    /** `[]` in a change stands for the standard ones. */
    sections: SectionTemplate[];
}

export const RETROSPECTIVE_LIMITS = {text: 32_000, sections: 20, heading: 128, questions: 10, question: 512, dueDays: 60};
