import {Retrospective, SavedSection, Settings} from 'src/capabilities/retrospective/types';
import {Download, download} from 'src/client/download';
import {ApiError, pluginUrl, request, WAIT} from 'src/client/http';
import {incidentUrl} from 'src/client/incidents';

const documentUrl = (incidentId: string) => `${incidentUrl(incidentId)}/retrospective`;

/** Somebody else has changed what the change was made for. */
export const OUTDATED = 'retrospective.outdated';

/** A published retrospective is not changed before it is reopened. */
export const PUBLISHED = 'retrospective.published';

export const SETTINGS_OUTDATED = 'retrospective.settings_outdated';

/** Whether the server has no such route; its own refusals have a code. */
export const isUnknownRoute = (cause: unknown) => cause instanceof ApiError && cause.status === 404 && cause.code === '';

export function getRetrospective(incidentId: string, signal?: AbortSignal): Promise<Retrospective> {
    return request('GET', documentUrl(incidentId), {signal});
}

/** Stores the draft, or writes all sections again that nobody has edited. */
export function draftAgain(incidentId: string): Promise<Retrospective> {
    return request('POST', `${documentUrl(incidentId)}/draft`);
}

type SectionChange = {text: string} | {generated: true};

interface SaveOptions {
    /** Goes on when the page is closed. Browsers refuse that for more than 64 kB. */
    keepalive?: boolean;
}

/**
 * Changes a section, unless it has another revision by now: then 409 with OUTDATED. The answers of 409 carry the document
 * (`currentIn`).
 */
export function saveSection(incidentId: string, key: string, change: SectionChange, revision: number, {keepalive}: SaveOptions = {}): Promise<SavedSection> {
    return request('PATCH', `${documentUrl(incidentId)}/sections/${key}`, {body: {...change, expected_revision: revision}, wait: WAIT.change, keepalive});
}

/** `revision` is that of the document. */
export function publish(incidentId: string, revision: number): Promise<Retrospective> {
    return request('POST', `${documentUrl(incidentId)}/publish`, {body: {expected_revision: revision}});
}

export function reopen(incidentId: string, revision: number): Promise<Retrospective> {
    return request('POST', `${documentUrl(incidentId)}/reopen`, {body: {expected_revision: revision}});
}

export function exportRetrospective(incidentId: string): Promise<Download> {
    return download(`${documentUrl(incidentId)}/export`);
}

/** What is stored, which a refusal because of another revision or state carries. */
export function currentIn<T extends Retrospective | Settings>(cause: unknown): T | undefined {
    const current = cause instanceof ApiError && cause.status === 409 ? cause.body.current : undefined;
    return typeof current === 'object' && current !== null && Array.isArray((current as T).sections) ? current as T : undefined;
}

const settingsUrl = (playbookId: string) => pluginUrl(`/playbooks/${playbookId}/retrospective`);

export function getSettings(playbookId: string, signal?: AbortSignal): Promise<Settings> {
    return request('GET', settingsUrl(playbookId), {signal});
}

export type SettingsChange = Pick<Settings, 'remind' | 'due_working_days' | 'broadcast' | 'sections'>;

/** 409 with SETTINGS_OUTDATED when the settings have another revision by now. */
export function saveSettings(playbookId: string, change: SettingsChange, revision: number): Promise<Settings> {
    return request('PUT', settingsUrl(playbookId), {body: {...change, expected_revision: revision}});
}

/** The part of an entry of the timeline that is shown as a source. */
export interface SourceEntry {
    id: string;
    kind: 'event' | 'update' | 'message' | 'manual';
    happened_at: number;
    author_id: string;
    author_name?: string;
    text: string;
    source?: {post_id: string; gone: boolean};
    event?: {type: string; post_id: string; before: Record<string, unknown>; after: Record<string, unknown>};
    deleted_at: number;
}

export function getEntry(incidentId: string, id: string, signal?: AbortSignal): Promise<SourceEntry> {
    return request('GET', `${incidentUrl(incidentId)}/timeline/${id}`, {signal});
}

export function getFollowUp(id: string, signal?: AbortSignal): Promise<{id: string; title: string}> {
    return request('GET', pluginUrl(`/followups/${id}`), {signal});
}
