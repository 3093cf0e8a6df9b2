import {beforeEach, describe, expect, it, vi} from 'vitest';

import {incidents} from 'src/testing/incidents';
import {changedIn, createdIn, incidentIn, postIn} from 'src/realtime/payload';
import {WebSocketMessage} from 'src/host/registry';
import {PLUGIN_ID} from 'src/manifest';
import {anIncident, aPost, aStage, aTask} from 'src/testing/factories';
import {freshHost, hostStore, listen} from 'src/testing/host';
import {Incident} from 'src/types/incident';

const VALUES: unknown[] = [undefined, null, true, 0, -1, 1e308, '', 'text', [], [null], {}, {length: 3}, [[]], {id: {}}, '__proto__', 'constructor'];

/** The object with one field replaced by each value that it must not have, by a description of the change. */
function* broken(original: object, wrap: (changed: unknown) => unknown = (changed) => changed): Generator<[string, unknown]> {
    for (const [name, was] of Object.entries(original)) {
        for (const value of VALUES) {
            const same = typeof value === typeof was && Array.isArray(value) === Array.isArray(was) && value !== null;
            if (!(same && (typeof was !== 'object' || Array.isArray(value) && value.length === 0))) {
                yield [`${name} = ${JSON.stringify(value)}`, wrap({...original, [name]: value})];
            }
        }
        const rest = {...original} as Record<string, unknown>;
        delete rest[name];
        yield [`without ${name}`, wrap(rest)];
    }
}

const incident = (more: Partial<Incident> = {}) => anIncident({status_posts: [{id: 'p1', create_at: 1, delete_at: 0}], status_post_ids: ['p1'], ...more});

describe('payloads of events', () => {
    it('a whole incident is taken', () => {
        const whole = incident();
        expect(incidentIn(JSON.stringify(whole))).toEqual(whole);
        expect(incidentIn(JSON.stringify(incident({checklists: []})))).toBeDefined();
        expect(createdIn(JSON.stringify({incident: whole, client_id: 'tab'}))).toEqual({incident: whole, client_id: 'tab'});
        expect(createdIn(JSON.stringify({incident: whole, client_id: {}}))?.client_id).toBeUndefined();
    });

    it('that a long incident has changed is taken only if all of it is there', () => {
        const changed = {id: 'i', team_id: 't', channel_id: 'c', revision: 5, post_revision: 0};
        expect(changedIn(JSON.stringify(changed))).toEqual(changed);
        for (const [what, other] of broken(changed)) {
            if (!what.endsWith('= "text"') && !what.endsWith('= "__proto__"') && !what.endsWith('= "constructor"')) {
                expect(changedIn(JSON.stringify(other)), what).toBeUndefined();
            }
        }
    });

    it('what is not text, not JSON or not an object is not', () => {
        for (const value of [...VALUES, '{', 'null', '5', '"x"', '[]', '{}', new Date(), () => 0]) {
            expect(incidentIn(value)).toBeUndefined();
            expect(createdIn(value)).toBeUndefined();
            expect(changedIn(value)).toBeUndefined();
            expect(postIn(value)).toBeUndefined();
        }
    });

    it('an incident with any field missing or of another type is not', () => {
        for (const [what, changed] of broken(incident())) {
            if (!/^(name|description|commander_user_id|active_stage_title|post_id|playbook_id|reminder_post_id|broadcast_channel_id|reminder_message_template) = "/.test(what)) {
                expect(incidentIn(JSON.stringify(changed)), what).toBeUndefined();
            }
        }
        const stage = (changed: unknown) => ({...incident(), checklists: [aStage(), changed]});
        for (const [what, changed] of [...broken(aStage(), stage), ...broken(aTask(), (task) => stage({...aStage(), items: [aTask(), task]}))]) {
            expect(incidentIn(JSON.stringify(changed)), what).toBeUndefined();
        }
        for (const [what, changed] of broken({id: 'p', create_at: 1, delete_at: 0}, (post) => ({...incident(), status_posts: [post]}))) {
            expect(incidentIn(JSON.stringify(changed)), what).toBeUndefined();
        }
        expect(incidentIn(JSON.stringify({...incident(), status_post_ids: [5]}))).toBeUndefined();
        expect(incidentIn(JSON.stringify(stage({...aStage(), items: [{...aTask(), state: 'done'}]})))).toBeUndefined();
    });

    it('fields of the prototype are neither taken for sent ones nor changed', () => {
        const {id, ...rest} = incident();
        expect(incidentIn(JSON.stringify(rest).replace('{', `{"__proto__":{"id":"${id}"},`))).toBeUndefined();
        const taken = incidentIn(JSON.stringify(incident()).replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},'));
        expect(taken).toBeDefined();
        incidents.receive(taken as Incident);
        incidents.receive({...taken, revision: 99} as Incident);
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
        expect(Object.getPrototypeOf(incidents.read((taken as Incident).channel_id).incident)).toBe(Object.prototype);
    });

    it('a huge incident is taken', () => {
        const huge = incident({name: 'x'.repeat(1 << 20), checklists: [aStage({items: Array.from({length: 1000}, () => aTask({title: '🔥'.repeat(2048)}))})]});
        expect(incidentIn(JSON.stringify(huge))).toEqual(huge);
    });
});

describe('handlers', () => {
    let events: Record<string, (message: WebSocketMessage) => void>;
    const created = vi.fn();

    beforeEach(() => {
        freshHost();
        created.mockReset();
        events = listen(hostStore(), created).events;
    });

    it('no event breaks them or changes what is held', () => {
        const held = incident();
        incidents.receive(held);
        const idsOnly = JSON.stringify({...held, revision: 99, checklists: null});
        const texts = [...VALUES, '{', '[]', 'null', '{"incident":{}}', '{"incident":[null]}', idsOnly,
            JSON.stringify({incident: {...held, revision: 99, checklists: [null]}}), '{"id":"__proto__","channel_id":"__proto__","message":"x","delete_at":"soon"}',
            JSON.stringify({...aPost(), id: ['p1']}), '['.repeat(10000) + ']'.repeat(10000)];
        for (const [name, handler] of Object.entries(events)) {
            // All that a deletion has to say are ids.
            for (const text of texts.filter((value) => !name.endsWith('_incident_deleted') || value !== idsOnly)) {
                for (const broadcast of [{}, {channel_id: 5, user_id: {}}, {channel_id: '__proto__'}] as Array<WebSocketMessage['broadcast']>) {
                    handler({event: name, data: {payload: text, post: text, team_id: text, user_id: text, channel_id: undefined}, broadcast});
                }
            }
        }
        expect(incidents.read(held.channel_id).incident).toEqual(held);
        expect(created).not.toHaveBeenCalled();
        events[`custom_${PLUGIN_ID}_incident_updated`]?.({event: '', data: {payload: JSON.stringify({...held, revision: 100, name: 'Still listening'})}, broadcast: {}});
        expect(incidents.read(held.channel_id).incident?.name).toBe('Still listening');
    });
});
