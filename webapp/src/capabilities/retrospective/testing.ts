import {Retrospective, Section} from 'src/capabilities/retrospective/types';
import {anId, BORIS} from 'src/testing/factories';
import {Answer, Call, fakeServer} from 'src/testing/server';

export const anIncidentId = () => anId('incident');

export function aSection(section: Partial<Section> = {}): Section {
    return {key: 'summary', heading: 'Summary', questions: [], origin: 'generated', text: 'It was slow.', revision: 3, update_at: 0, updated_by_id: '', sentences: [], ...section};
}

export function aRetrospective(incidentId: string, document: Partial<Retrospective> = {}): Retrospective {
    return {
        incident_id: incidentId, state: 'draft', revision: 3, can_edit: true, due_at: 0, broadcast: false, create_at: 1, created_by_id: '', update_at: 1, updated_by_id: BORIS.id,
        drafted_at: 1, published_at: 0, published_by_id: '', sections: [aSection()], ...document,
    };
}

interface Patch {
    key: string;
    text?: string;
    generated?: boolean;
    expected_revision: number;
}

/** A server that keeps one retrospective by the rules of server/retrospective. */
export function retrospectiveServer(first: Retrospective, more: Record<string, Answer | ((call: Call) => Answer)> = {}) {
    let stored = first;
    let failing = 0;
    const patches: Patch[] = [];
    const base = `/incidents/${first.incident_id}/retrospective`;
    const refusal = (code: string): Answer => ({status: 409, body: {error: 'It was changed.', details: '', code, current: stored}});
    const write = (key: string, values: Partial<Section>, by = BORIS.id) => {
        const revision = stored.revision + 1;
        stored = {
            ...stored, revision, state: 'draft', update_at: Date.now(), updated_by_id: by,
            sections: stored.sections.map((section) => (section.key === key ? {...section, ...values, revision, update_at: Date.now(), updated_by_id: by} : section)),
        };
    };
    const move = (state: Retrospective['state'], from: Retrospective['state'][], code: string) => ({body}: Call): Answer => {
        const {expected_revision: revision} = body as {expected_revision?: number};
        if (!from.includes(stored.state)) {
            return refusal(code);
        }
        if (revision !== undefined && revision !== stored.revision) {
            return refusal('retrospective.outdated');
        }
        stored = {...stored, state, revision: stored.revision + 1, ...(state === 'published' ? {published_at: Date.now(), published_by_id: BORIS.id} : {})};
        return {body: stored};
    };
    const handler = ({body}: Call, key: string): Answer => {
        const {text, generated, expected_revision: revision} = body as Omit<Patch, 'key'>;
        patches.push({key, ...body as Omit<Patch, 'key'>});
        const section = stored.sections.find((one) => one.key === key);
        if (failing) {
            return {status: failing, body: {error: 'No.', code: failing === 403 ? 'forbidden' : ''}};
        }
        if (stored.state === 'published') {
            return refusal('retrospective.published');
        }
        if (!section || section.revision !== revision) {
            return refusal('retrospective.outdated');
        }
        write(key, generated ? {origin: 'generated', text: 'Generated again.'} : {origin: 'edited', text: text ?? ''}, 'me');
        return {body: {incident_id: stored.incident_id, state: stored.state, revision: stored.revision, section: stored.sections.find((one) => one.key === key)}};
    };
    const server = fakeServer({
        [`GET ${base}`]: () => ({body: stored}),
        ...Object.fromEntries(first.sections.map(({key}) => [`PATCH ${base}/sections/${key}`, (call: Call) => handler(call, key)])),
        [`POST ${base}/publish`]: move('published', ['none', 'draft'], 'retrospective.already_published'),
        [`POST ${base}/reopen`]: move('draft', ['published'], 'retrospective.not_published'),
        [`POST ${base}/draft`]: () => {
            stored.sections.filter(({origin}) => origin === 'generated').forEach(({key}) => write(key, {text: 'Generated again.'}));
            return {body: stored};
        },
        ...more,
    });
    return {
        server,
        handler,
        now: () => stored,
        patches: () => patches,

        /** Somebody else writes. */
        others: (key: string, text: string) => write(key, {text, origin: 'edited'}),
        state: (state: Retrospective['state']) => {
            stored = {...stored, state, revision: stored.revision + 1};
        },

        /** Changes of sections are answered with this status until it is 0. */
        fail: (status: number) => {
            failing = status;
        },
    };
}
