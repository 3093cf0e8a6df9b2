import {ApiError} from 'src/client/http';
import {createPlaybook, getPlaybook, PLAYBOOK_CHANGED, savePlaybook, storedPlaybookIn} from 'src/client/playbooks';
import {isChanged} from 'src/playbook/draft';
import {refreshPlaybooks} from 'src/store/playbooks';
import {Playbook} from 'src/types/playbook';

export type SaveResult = {kind: 'saved'; id: string} | {kind: 'deleted'} | {kind: 'conflict'; theirs: Playbook};

const MOST_ATTEMPTS = 3;

/** The playbook as it is stored now; undefined when it was deleted or may no longer be read. */
async function stored(id: string): Promise<Playbook | undefined> {
    try {
        const playbook = await getPlaybook(id);
        return playbook.delete_at ? undefined : playbook;
    } catch (cause) {
        if (cause instanceof ApiError && cause.isNotFound) {
            return undefined;
        }
        throw cause;
    }
}

/**
 * Sends the playbook for the revision that the user has seen, and answers what is stored when that is another one. A
 * server without revisions takes it as it is.
 */
async function send(playbook: Playbook, revision: number | undefined): Promise<'saved' | Playbook | undefined> {
    try {
        await savePlaybook(playbook, revision);
        return 'saved';
    } catch (cause) {
        if (!(cause instanceof ApiError)) {
            throw cause;
        }
        const isOther = cause.code === PLAYBOOK_CHANGED;
        if (!isOther && !cause.isNotFound) {
            throw cause;
        }
        const theirs = storedPlaybookIn(cause) ?? await stored(playbook.id);
        if (theirs && !isOther) {
            // It is still there, so that something else was refused.
            throw cause;
        }
        return theirs;
    }
}

/**
 * Saves a playbook unless it is no longer what was opened: `opened` is what it was then, undefined for a new one. A server
 * without revisions of playbooks cannot compare, so what is there is read and compared just before. Throws ApiError.
 */
export async function save(playbook: Playbook, opened: Playbook | undefined): Promise<SaveResult> {
    if (!opened) {
        const {id} = await createPlaybook(playbook);
        void refreshPlaybooks();
        return {kind: 'saved', id};
    }
    let now = opened.revision === undefined ? await stored(playbook.id) : opened;
    for (let attempt = 1; now; attempt++) {
        if (isChanged(opened, now) || attempt > MOST_ATTEMPTS) {
            return {kind: 'conflict', theirs: now};
        }
        const result: 'saved' | Playbook | undefined = await send(playbook, now.revision);
        if (result === 'saved') {
            void refreshPlaybooks();
            return {kind: 'saved', id: playbook.id};
        }
        now = result;
    }
    return {kind: 'deleted'};
}
