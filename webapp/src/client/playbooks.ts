import {ApiError, pluginUrl, request} from 'src/client/http';
import {Playbook, PlaybookPage, PlaybookQuery} from 'src/types/playbook';

/** Playbooks in lists carry neither stages nor members. */
export async function listPlaybooks(query: PlaybookQuery, signal?: AbortSignal): Promise<PlaybookPage> {
    const page = await request<PlaybookPage | undefined>('GET', pluginUrl('/playbooks'), {query: {...query}, signal});
    return page ?? {total_count: 0, page_count: 0, has_more: false, items: []};
}

export function getPlaybook(id: string, signal?: AbortSignal): Promise<Playbook> {
    return request('GET', pluginUrl(`/playbooks/${id}`), {signal});
}

export function createPlaybook(playbook: Playbook): Promise<{id: string}> {
    return request('POST', pluginUrl('/playbooks'), {body: playbook});
}

/** With a revision, a playbook that has another one by now is left as it is: 409 with code PLAYBOOK_CHANGED. */
export function savePlaybook(playbook: Playbook, revision?: number): Promise<void> {
    const headers = revision === undefined ? undefined : {'If-Match': `"${revision}"`};
    return request('PUT', pluginUrl(`/playbooks/${playbook.id}`), {body: playbook, headers});
}

/** Takes the user out of the members. When the last member leaves, the playbook is deleted. */
export function leavePlaybook(id: string): Promise<void> {
    return request('POST', pluginUrl(`/playbooks/${id}/leave`));
}

export const PLAYBOOK_CHANGED = 'playbook.changed';

/** The playbook as it is stored, which such a refusal carries. */
export function storedPlaybookIn(error: ApiError): Playbook | undefined {
    const {current} = error.body;
    return error.code === PLAYBOOK_CHANGED && typeof current === 'object' && current !== null ? current as Playbook : undefined;
}

export function deletePlaybook(id: string): Promise<void> {
    return request('DELETE', pluginUrl(`/playbooks/${id}`));
}
