// @vitest-environment node

import {readFileSync} from 'fs';
import path from 'path';

import {expect, it} from 'vitest';
import {parse} from 'yaml';

import {MOST_PER_PAGE} from 'src/capabilities/timeline/client';
import {readEntry} from 'src/capabilities/timeline/payload';
import {anEntry, anEvent} from 'src/capabilities/timeline/testing';
import {Entry, MOST_TEXT} from 'src/capabilities/timeline/types';

interface Schema {
    required?: string[];
    properties: Record<string, {maxLength?: number; enum?: string[]; properties?: Record<string, unknown>; items?: Schema}>;
}

interface Api {
    components: {schemas: Record<string, Schema>};
    paths: Record<string, Record<string, {parameters?: Array<{name: string; schema: {maximum?: number}}>}>>;
}

// The server's tests check every answer against this description.
const api = parse(readFileSync(path.resolve(__dirname, '../../../../server/timeline/api.yaml'), 'utf8')) as Api;
const fields = api.components.schemas.TimelineFields as Schema;

/** An entry with all that it can have. */
const everything: Required<Entry> = {
    ...anEntry(),
    author_name: 'anna',
    original: {text: 'Before', happened_at: 1},
    source: {post_id: 'p', channel_id: 'c', channel_name: 'Other', gone: false, lost: false},
    files: [{id: 'f', name: 'log.txt', size: 1, sha256: ''}],
    event: {revision: 1, type: 'started', before: {}, after: {}, post_id: ''},
};

it('entries have the fields that the server sends', () => {
    expect(Object.keys(everything).sort()).toEqual(Object.keys(fields.properties).sort());
    const {original, source, event, files} = everything;
    for (const [name, part] of Object.entries({original, source, event})) {
        expect(Object.keys(part).sort()).toEqual(Object.keys(fields.properties[name]?.properties ?? {}).sort());
    }
    expect(Object.keys(files[0] ?? {}).sort()).toEqual(Object.keys(fields.properties.files?.items?.properties ?? {}).sort());
    expect(Object.keys(anEntry()).sort()).toEqual([...fields.required ?? []].sort());
});

it('limits are those of the server', () => {
    expect(api.components.schemas.NewTimelineEntry?.properties.text?.maxLength).toBe(MOST_TEXT);
    const {parameters = []} = api.paths['/incidents/{id}/timeline']?.get ?? {};
    expect(parameters.find(({name}) => name === 'per_page')?.schema.maximum).toBe(MOST_PER_PAGE);
});

it('what is not of the expected form is not taken from an event', () => {
    const text = (change: object) => JSON.stringify({...anEntry(), ...change});
    expect(readEntry(JSON.stringify(everything))).toEqual(everything);
    expect(readEntry(JSON.stringify(anEvent('started')))).toBeDefined();
    const broken = [
        '', 'null', '[]', '{', text({id: 1}), text({kind: 'other'}), text({version: '1'}), text({text: null}), text({starred: 'yes'}), text({kind: 'event'}),
        text({source: {post_id: 1}}), text({original: 'x'}), text({files: [{}]}), text({files: {}}), text({kind: 'event', event: {type: 'x', revision: 1, before: {}}}),
    ];
    expect(broken.filter((payload) => readEntry(payload) !== undefined)).toEqual([]);
    expect(readEntry(undefined)).toBeUndefined();
});
