import {expect, it} from 'vitest';

import {finishedBy, fold, TaskGroup} from 'src/capabilities/timeline/fold';
import {aClosedTask, anEntry, anEvent, MINUTE, TEN} from 'src/capabilities/timeline/testing';
import {dayIn} from 'src/capabilities/timeline/when';

const day = dayIn('UTC');
const groupsOf = (...entries: Parameters<typeof fold>[0]) => fold(entries, day).flatMap(({group}) => group ?? []);

it('neighbouring events of tasks of one stage are one row', () => {
    const tasks = ['one', 'two', 'three'].map((task) => aClosedTask('triage', task));
    const rows = fold([anEvent('started'), ...tasks, anEntry(), aClosedTask('triage', 'four')], day);
    expect(rows.map(({group}) => group?.events.length)).toEqual([undefined, 3, undefined, undefined]);
});

it('another stage, another day and a key moment are not folded in', () => {
    const late = {happened_at: TEN + (24 * 60 * MINUTE)};
    expect(groupsOf(aClosedTask('triage', 'one'), aClosedTask('mitigate', 'two'))).toEqual([]);
    expect(groupsOf(aClosedTask('triage', 'one'), aClosedTask('triage', 'two', late))).toEqual([]);
    expect(groupsOf(aClosedTask('triage', 'one'), aClosedTask('triage', 'two', {starred: true}))).toEqual([]);
});

it('a group knows how many tasks it has finished in the end', () => {
    const open = (task: string) => anEvent('task_state_changed', {after: {checklist_id: 's', item_id: task, state: ''}});
    const [all] = groupsOf(aClosedTask('s', 'one'), aClosedTask('s', 'two'));
    expect(finishedBy(all as TaskGroup)).toEqual({count: 2, isAll: true});
    const [mixed] = groupsOf(aClosedTask('s', 'one'), open('one'), aClosedTask('s', 'two'));
    expect(finishedBy(mixed as TaskGroup)).toEqual({count: 1, isAll: false});
    const [twice] = groupsOf(aClosedTask('s', 'one'), open('one'), aClosedTask('s', 'one'));
    expect(finishedBy(twice as TaskGroup)).toEqual({count: 1, isAll: false});
});
