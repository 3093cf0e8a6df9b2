// @vitest-environment node

import {expect, it} from 'vitest';

import {Draft, draftOf, edit, isSame, toPlaybook} from 'src/playbook/draft';
import {aPlaybook, aStage, aTask} from 'src/testing/factories';

const DEFAULTS = {playbook: 'p', stage: 's', task: 't'};
const COMMANDER = {kind: 'commander'} as const;
const opened = aPlaybook({checklists: [aStage({items: [aTask({assignment: COMMANDER}), aTask()]})]});
const assigned = (draft: Draft, index: number, assignment?: typeof COMMANDER) =>
    edit(draft, {type: 'set_task', task: draft.stages[0]!.tasks[index]!.key, values: {assignment}});
const sent = (draft: Draft, base: Parameters<typeof toPlaybook>[1] = opened) => toPlaybook(draft, base, DEFAULTS).checklists[0]!.items;

it('a stored assignment is sent, and its removal as null: the server keeps what is absent', () => {
    const draft = draftOf(opened);
    expect(sent(draft)[0]).toHaveProperty('assignment', COMMANDER);
    expect(sent(assigned(draft, 0))[0]).toHaveProperty('assignment', null);
});

it('a task that has and had none says nothing of it', () => {
    const draft = draftOf(opened);
    expect(sent(draft)[1]).not.toHaveProperty('assignment');
    expect(sent(assigned(draft, 1, COMMANDER))[1]).toHaveProperty('assignment', COMMANDER);
    expect(sent(assigned(draft, 0), {id: '', team_id: opened.team_id, create_at: 0, delete_at: 0})[0]).not.toHaveProperty('assignment');
});

it('an assignment is a change of the draft', () => {
    const draft = draftOf(opened);
    expect(isSame(draft, assigned(draft, 0))).toBe(false);
    expect(isSame(draft, assigned(assigned(draft, 1, COMMANDER), 1))).toBe(true);
});
