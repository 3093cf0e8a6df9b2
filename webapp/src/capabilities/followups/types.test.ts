// @vitest-environment node

import {readFileSync} from 'fs';
import path from 'path';

import {expect, it} from 'vitest';
import {parse} from 'yaml';

import {aFollowUp, aPage} from 'src/capabilities/followups/testing';
import {LIMITS, MOST_PER_PAGE} from 'src/capabilities/followups/types';

type Schema = {required: string[]; properties: Record<string, {maxLength?: number; properties?: Record<string, unknown>; maxItems?: number; maximum?: number}>};
const api = parse(readFileSync(path.resolve(__dirname, '../../../../server/followups/api.yaml'), 'utf8'), {merge: true}) as {components: {schemas: Record<string, Schema>}};
const {FollowUp, FollowUpList, NewFollowUp, FollowUpPatch} = api.components.schemas as Record<'FollowUp' | 'FollowUpList' | 'NewFollowUp' | 'FollowUpPatch', Schema>;

it('follow-ups and pages have the fields that the server sends', () => {
    expect(Object.keys(aFollowUp()).sort()).toEqual([...FollowUp.required].sort());
    const page = aPage([]).body as {counts: object};
    expect(Object.keys(page).sort()).toEqual([...FollowUpList.required].sort());
    expect(Object.keys(page.counts).sort()).toEqual(Object.keys(FollowUpList.properties.counts?.properties ?? {}).sort());
});

it('the server takes what is sent, with these limits', () => {
    const {title, text, link} = NewFollowUp.properties;
    expect(Object.keys(NewFollowUp.properties)).toEqual(expect.arrayContaining(['title', 'text', 'owner_id', 'due_at', 'link']));
    expect(Object.keys(FollowUpPatch.properties)).toEqual(expect.arrayContaining(['title', 'text', 'owner_id', 'due_at', 'link', 'state', 'reason', 'revision']));
    expect(LIMITS).toEqual({title: title?.maxLength, text: text?.maxLength, link: link?.maxLength, reason: FollowUpPatch.properties.reason?.maxLength, perIncident: FollowUp.properties.number?.maximum});
    expect(FollowUpList.properties.items?.maxItems).toBe(MOST_PER_PAGE);
});
