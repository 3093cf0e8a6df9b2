import {Dispatch} from 'react';

import {EditorTab} from 'src/capabilities/capability';
import {getPlaybook} from 'src/client/playbooks';
import {keepDraft} from 'src/features/playbook_editor/kept_draft';
import {Draft, draftOf, Edit} from 'src/playbook/draft';

/**
 * Stores what the tabs of capabilities have put aside. Answers the key of the tab in which the user has to decide something first;
 * undefined when all is stored. Throws ApiError.
 */
export async function saveAdded(tabs: EditorTab[], playbookId: string, {added}: Draft, dispatch: Dispatch<Edit>): Promise<string | undefined> {
    for (const {key, save} of tabs) {
        if (save && added[key] !== undefined) {
            const left = await save(playbookId, added[key]);
            dispatch({type: 'set_added', key, value: left});
            if (left !== undefined) {
                return key;
            }
        }
    }
    return undefined;
}

/** As saveAdded, for a playbook that was just made. What could not be stored is kept for its editor; answers whether there is any. */
export async function saveAddedOfNew(tabs: EditorTab[], playbookId: string, draft: Draft, userId: string): Promise<boolean> {
    let {added} = draft;
    const dispatch = (edit: Edit) => {
        if (edit.type === 'set_added') {
            added = {...added, [edit.key]: edit.value};
        }
    };
    try {
        if (!await saveAdded(tabs, playbookId, draft, dispatch)) {
            return false;
        }
    } catch {
        // Its editor says what is not saved.
    }
    const stored = await getPlaybook(playbookId);
    keepDraft(userId, playbookId, {draft: {...draftOf(stored), added}, opened: stored});
    return true;
}
