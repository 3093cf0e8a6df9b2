import {createPlaybook, getPlaybook, savePlaybook} from 'src/client/playbooks';
import {ApiError} from 'src/client/http';
import {queries} from 'src/data/query';
import {isChanged} from 'src/features/playbook_editor/draft';
import {Playbook} from 'src/types/playbook';

export type SaveResult = {kind: 'saved'} | {kind: 'deleted'} | {kind: 'conflict'; theirs: Playbook};

/**
 * Saves a playbook unless it is no longer what was opened: `opened` is what it was then, undefined for a new one.
 * The server has no versions of playbooks, so what is there is compared just before. Throws ApiError.
 */
export async function save(playbook: Playbook, opened: Playbook | undefined): Promise<SaveResult> {
    if (!opened) {
        await createPlaybook(playbook);
        queries.refresh('playbooks:');
        return {kind: 'saved'};
    }
    let theirs: Playbook;
    try {
        theirs = await getPlaybook(playbook.id);
    } catch (cause) {
        if (cause instanceof ApiError && cause.isNotFound) {
            return {kind: 'deleted'};
        }
        throw cause;
    }
    if (theirs.delete_at) {
        return {kind: 'deleted'};
    }
    if (isChanged(opened, theirs)) {
        return {kind: 'conflict', theirs};
    }
    await savePlaybook(playbook);
    queries.refresh('playbooks:');
    return {kind: 'saved'};
}
