import {currentIn, getSettings, saveSettings, SETTINGS_OUTDATED, SettingsChange} from 'src/capabilities/retrospective/client';
import {known} from 'src/capabilities/retrospective/presence';
import {SectionTemplate, Settings} from 'src/capabilities/retrospective/types';
import {standardSections} from 'src/capabilities/retrospective/words';
import {ApiError} from 'src/client/http';
import {client, QueryState, useQuery} from 'src/query/client';

const DEFAULT_DAYS = 2;

/** What a playbook has that is not stored yet. */
const fresh = (): Settings => ({
    playbook_id: '', revision: 0, update_at: 0, updated_by_id: '', remind: true, due_working_days: DEFAULT_DAYS, broadcast: false, sections: standardSections(),
});

const settingsKey = (playbookId: string) => ['retrospective-settings', playbookId];

/** The stored settings of a playbook; the standard ones of one that is not stored. */
export function useSettings(playbookId: string | undefined): QueryState<Settings> {
    return useQuery<Settings>(settingsKey(playbookId ?? ''), (signal) => (playbookId ? known(getSettings(playbookId, signal)) : Promise.resolve(fresh())));
}

/** A section with a key for its row, which stays the same whatever is typed or moved. */
export interface Row extends SectionTemplate {
    row: string;
}

/** Changes of the settings that are not saved. */
export interface Unsaved {
    /** What they were when the changes were begun. */
    opened: Settings;
    settings: Omit<SettingsChange, 'sections'> & {sections: Row[]};

    /** What somebody else has saved meanwhile; the user has to choose. */
    theirs?: Settings;
}

let last = 0;
export const newRow = (section: SectionTemplate): Row => ({...section, row: `row-${Date.now().toString(36)}-${++last}`});

/** The editable part of settings. */
export const editable = ({remind, due_working_days: days, broadcast, sections}: Settings): Unsaved['settings'] => ({
    remind, due_working_days: days, broadcast, sections: sections.map(newRow),
});

export const toChange = ({sections, ...rest}: Unsaved['settings']): SettingsChange => ({
    ...rest,
    sections: sections.map(({key, heading, questions, draft}) => ({key, heading: heading.trim(), questions: questions.map((one) => one.trim()).filter(Boolean), draft})),
});

/** Whether settings would be saved as what is there. */
export const isSameAs = (settings: Unsaved['settings'], stored: Settings) => JSON.stringify(toChange(settings)) === JSON.stringify(toChange(editable(stored)));

/** Whether nothing was changed, not even a line break that would not be saved. */
export function isUntouched({sections, ...rest}: Unsaved['settings'], {remind, due_working_days: days, broadcast, sections: stored}: Settings): boolean {
    const plain = (all: SectionTemplate[]) => all.map(({key, heading, questions, draft}) => [key, heading, questions, draft]);
    return JSON.stringify([rest.remind, rest.due_working_days, rest.broadcast, plain(sections)]) === JSON.stringify([remind, days, broadcast, plain(stored)]);
}

export function isUnsaved(value: unknown): value is Unsaved {
    const {opened, settings} = (value ?? {}) as Partial<Unsaved>;
    return Array.isArray(opened?.sections) && Array.isArray(settings?.sections);
}

/** Saves changes of the settings; answers them with what somebody else has saved meanwhile if there is a choice to make. */
export async function saveUnsaved(playbookId: string, value: unknown): Promise<Unsaved | undefined> {
    if (!isUnsaved(value)) {
        return undefined;
    }
    const {opened, settings, theirs} = value;
    if (theirs) {
        return value;
    }

    // A playbook that was deleted meanwhile may be saved as a new one.
    const revision = opened.playbook_id === playbookId ? opened.revision : 0;
    try {
        client.setQueryData(settingsKey(playbookId), await saveSettings(playbookId, toChange(settings), revision));
        return undefined;
    } catch (cause) {
        const current = cause instanceof ApiError && cause.code === SETTINGS_OUTDATED ? currentIn<Settings>(cause) : undefined;
        if (!current) {
            throw cause;
        }
        client.setQueryData(settingsKey(playbookId), current);
        return isSameAs(settings, current) ? undefined : {...value, theirs: current};
    }
}
