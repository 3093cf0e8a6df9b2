import {currentIn, OUTDATED, PUBLISHED, saveSection} from 'src/capabilities/retrospective/client';
import {receive, receiveSection, sectionOf} from 'src/capabilities/retrospective/store';
import {Retrospective, Section} from 'src/capabilities/retrospective/types';
import {ApiError} from 'src/client/http';
import {keepInBrowser, keptInBrowser} from 'src/host/browser_storage';
import {Observable} from 'src/query/observable';
import {backOff, isTransient, MOST_REPETITIONS, toApiError} from 'src/query/retry';

/** A text is saved after so many milliseconds without a key, and at least so often while keys are pressed. */
export const SAVE_WAIT_MS = 1500;
export const LONGEST_WAIT_MS = 10_000;

/** It is kept in the browser after so many milliseconds. */
export const KEEP_WAIT_MS = 300;

/** How often a text is sent again because only the revision of the section was another one. */
const MOST_ATTEMPTS = 3;

/** What a text was begun from, or the last version of it that the server has. */
interface Base {
    text: string;
    revision: number;
}

export interface TextState {
    text: string;
    base: Base;
    isSaving: boolean;

    /** Why it was not saved last. */
    error?: ApiError;

    /** What somebody else has made of the section meanwhile; nothing is saved before the user has chosen. */
    theirs?: Section;

    /** The own text that the user has put aside for that of somebody else. */
    aside?: string;

    /** It was typed before the page was loaded. */
    isRestored: boolean;

    /** The browser could keep what is not saved. */
    isKept: boolean;
}

const isString = (value: unknown): value is string => typeof value === 'string';

/**
 * The text of a section that is being edited. It is saved by itself, also after the editor has left the screen. What is not
 * saved is kept in the browser.
 */
export class SectionText extends Observable {
    private state: TextState;
    private saveTimer: number | undefined;
    private keepTimer: number | undefined;

    /** When the first of the keys was pressed that are not saved. */
    private dirtySince = 0;
    private repetitions = 0;
    private attempts = 0;
    private shown = 0;

    /** Is called with the reason why a text was not saved whose editor is not on the screen. */
    onUnseen: (state: TextState) => void = () => undefined;

    constructor(private readonly userId: string, private readonly incidentId: string, readonly section: Section, restored?: Partial<TextState>) {
        super();
        const {text, revision} = section;
        this.state = {text, base: {text, revision}, isSaving: false, isRestored: false, isKept: true, ...restored};
        if (restored) {
            this.note(section);
            this.schedule(0);
        }
    }

    read = (): TextState => this.state;

    get isDirty(): boolean {
        return this.state.text !== this.state.base.text;
    }

    /** There is nothing that the user could lose. */
    get isDone(): boolean {
        return !this.isDirty && !this.state.isSaving && this.state.aside === undefined && !this.state.theirs;
    }

    /** Says that the editor is on the screen; returns the end of that, after which it is saved at once. */
    show(): () => void {
        this.shown++;
        return () => {
            this.shown--;
            this.save();
        };
    }

    type(text: string): void {
        this.change({text, isRestored: false});
        window.clearTimeout(this.keepTimer);
        this.keepTimer = window.setTimeout(() => this.keep(), KEEP_WAIT_MS);
        this.repetitions = 0;
        this.dirtySince ||= Date.now();
        this.schedule(Math.min(SAVE_WAIT_MS, Math.max(0, this.dirtySince + LONGEST_WAIT_MS - Date.now())));
    }

    /** Looks at the section as the server has it now. */
    note(section: Section): void {
        const {text, base, isSaving, theirs} = this.state;
        if (isSaving || section.revision <= (theirs ?? base).revision) {
            return;
        }
        if (theirs) {
            this.change({theirs: section});
        } else if (section.text === base.text) {
            this.change({base: {text: base.text, revision: section.revision}});
        } else if (!this.isDirty || section.text === text) {
            this.take(section);
        } else {
            this.change({theirs: section});
            this.keep();
            this.tellUnseen();
        }
    }

    /** Replaces what somebody else has written with the own text. */
    keepMine(): void {
        const {theirs} = this.state;
        if (theirs) {
            this.change({theirs: undefined, base: {text: theirs.text, revision: theirs.revision}});
            this.save();
        }
    }

    /** Goes on with what somebody else has written. The own text is put aside. */
    takeTheirs(): void {
        const {theirs, text, aside} = this.state;
        if (theirs) {
            this.take(theirs, {aside: aside === undefined ? text : `${aside}\n\n${text}`});
            this.keep();
        }
    }

    /** Puts the text that was put aside below what is there now. */
    bringBack(): void {
        const {aside, text} = this.state;
        if (aside !== undefined) {
            this.change({aside: undefined});
            this.type(text.trim() === '' ? aside : `${text.replace(/\s*$/, '')}\n\n${aside}`);
        }
    }

    dropAside(): void {
        this.change({aside: undefined});
        this.keep();
    }

    /** Gives the own changes up for what the server has, as far as it is known. */
    discard(section: Section): void {
        window.clearTimeout(this.saveTimer);
        this.take(section, {aside: undefined});
        this.keep();
    }

    /** Saves now, unless the user has to choose first. */
    save(): void {
        window.clearTimeout(this.saveTimer);
        if (!this.isDirty || this.state.isSaving || this.state.theirs) {
            return;
        }
        void this.send();
    }

    /** The page is going: keeps the text, and lets a last request go on without it. */
    leave(): void {
        this.keep();
        const {text, base, isSaving, theirs} = this.state;
        if (this.isDirty && !isSaving && !theirs) {
            saveSection(this.incidentId, this.section.key, {text}, base.revision, {keepalive: true}).catch(() => undefined);
        }
    }

    /** Nothing more is sent. What is not saved stays in the browser. */
    end(): void {
        window.clearTimeout(this.saveTimer);
        this.keep();
    }

    private change(values: Partial<TextState>): void {
        this.state = {...this.state, ...values};
        this.notify();
    }

    private take({text, revision}: Section, more: Partial<TextState> = {}): void {
        this.dirtySince = 0;
        this.change({text, base: {text, revision}, theirs: undefined, error: undefined, isRestored: false, ...more});
        this.keep();
    }

    private keep(): void {
        window.clearTimeout(this.keepTimer);
        const {text, base, aside} = this.state;
        const isUnsaved = this.isDirty || aside !== undefined;
        const isKept = keepInBrowser(this.userId, nameOf(this.incidentId, this.section.key), isUnsaved ? {text, base, aside} : undefined);
        if (isKept !== this.state.isKept) {
            this.change({isKept});
        }
    }

    private schedule(wait: number): void {
        window.clearTimeout(this.saveTimer);
        this.saveTimer = window.setTimeout(() => this.save(), wait);
    }

    private async send(): Promise<void> {
        const {text: sent, base} = this.state;
        this.change({isSaving: true, error: undefined});
        try {
            const saved = await saveSection(this.incidentId, this.section.key, {text: sent}, base.revision);
            this.repetitions = 0;
            this.attempts = 0;
            this.dirtySince = this.state.text === sent ? 0 : Date.now();
            this.change({isSaving: false, base: {text: sent, revision: saved.section.revision}, isRestored: false});
            receiveSection(saved);
            this.keep();
            if (this.isDirty) {
                this.schedule(this.shown > 0 ? SAVE_WAIT_MS : 0);
            }
        } catch (cause) {
            this.change({isSaving: false});
            this.refused(toApiError(cause));
        }
    }

    private refused(error: ApiError): void {
        this.keep();
        const current = currentIn<Retrospective>(error);
        if (current) {
            receive(current);
        }
        const section = sectionOf(current, this.section.key);
        if (error.code === OUTDATED && section) {
            this.note(section);
            if (this.state.theirs) {
                return;
            }
            if (this.attempts++ < MOST_ATTEMPTS) {
                // Nobody has written anything else: only the revision is another one.
                this.save();
                return;
            }
        }
        this.change({error});
        if (error.code !== PUBLISHED && isTransient(error) && this.repetitions < MOST_REPETITIONS) {
            this.repetitions++;
            this.schedule(backOff(this.repetitions));
        } else {
            this.tellUnseen();
        }
    }

    private tellUnseen(): void {
        if (this.shown === 0) {
            this.onUnseen(this.state);
        }
    }
}

const nameOf = (incidentId: string, key: string) => `retrospective:${incidentId}:${key}`;

/** What the user has typed in a section before and is not saved. */
export function keptText(userId: string, incidentId: string, section: Section): Partial<TextState> | undefined {
    const kept = keptInBrowser(userId, nameOf(incidentId, section.key)) as Partial<TextState> | null | undefined;
    if (!kept || !isString(kept.text) || !isString(kept.base?.text) || typeof kept.base.revision !== 'number') {
        return undefined;
    }
    const aside = isString(kept.aside) ? kept.aside : undefined;
    if (kept.text === section.text && aside === undefined) {
        keepInBrowser(userId, nameOf(incidentId, section.key), undefined);
        return undefined;
    }
    return {text: kept.text, base: kept.base, aside, isRestored: true};
}
