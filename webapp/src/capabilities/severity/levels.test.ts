import {expect, it} from 'vitest';

import {isLower} from 'src/capabilities/severity/level';
import {idOf, withChanged, withMoved, withNew, without} from 'src/capabilities/severity/levels';
import {isValid, problemsOf} from 'src/capabilities/severity/problems';
import {PlaybookSeverity, SeverityLevel} from 'src/types/severity';

const level = (key: string, more: Partial<SeverityLevel> = {}): SeverityLevel => ({key, name: `Level ${key}`, description: '', color: 'red', update_seconds: 0, ...more});
const three = (start = ''): PlaybookSeverity => ({levels: [level('SEV1'), level('SEV2'), level('SEV3')], default: start});
const keys = (severity?: PlaybookSeverity) => severity?.levels.map(({key}) => key);

it('a new level stands last, with a key and a colour that no other has', () => {
    const first = withNew(undefined);
    expect(first).toEqual({levels: [{key: 'SEV1', name: '', description: '', color: 'red', update_seconds: 0}], default: ''});
    const second = withNew({levels: [level('sev2', {color: 'orange'})], default: ''});
    expect(second?.levels[1]).toMatchObject({key: 'SEV3', color: 'red'});
    let all: PlaybookSeverity | undefined;
    for (let i = 0; i < 9; i++) {
        all = withNew(all);
    }
    expect(keys(all)).toEqual(['SEV1', 'SEV2', 'SEV3', 'SEV4', 'SEV5', 'SEV6']);
});

it('a row keeps its id while it is changed and moved', () => {
    const before = three();
    const ids = before.levels.map(idOf);
    const changed = withChanged(before, before.levels[0]!, {name: 'Worst'})!;
    expect(changed.levels.map(idOf)).toEqual(ids);
    const movedTo = withMoved(changed, ids[0]!, 2)!;
    expect(keys(movedTo)).toEqual(['SEV2', 'SEV3', 'SEV1']);
    expect(movedTo.levels.map(idOf)).toEqual([ids[1], ids[2], ids[0]]);
    expect(withMoved(changed, ids[0]!, 3)).toBe(changed);
    expect(withMoved(changed, 'another', 0)).toBe(changed);
});

it('the level that incidents start with can get another key, and is none when it is taken out', () => {
    const before = three('SEV2');
    expect(withChanged(before, before.levels[1]!, {key: 'HIGH'})?.default).toBe('HIGH');
    expect(withChanged(before, before.levels[1]!, {name: 'HIGH'})?.default).toBe('SEV2');
    expect(withChanged(before, before.levels[0]!, {key: 'SEV9'})?.default).toBe('SEV2');
    expect(withChanged(three(), three().levels[0]!, {key: ''})?.default).toBe('');
    expect(without(before, before.levels[1]!)?.default).toBe('');
    expect(without(before, before.levels[0]!)?.default).toBe('SEV2');
});

it('a key that two levels have for a while does not take the default along', () => {
    const before = three('SEV1');
    const twice = withChanged(before, before.levels[1]!, {key: 'SEV1'})!;
    expect(withChanged(twice, twice.levels[1]!, {key: 'SEV12'})?.default).toBe('SEV1');
});

it('without its last level there is nothing to store', () => {
    const one: PlaybookSeverity = {levels: [level('SEV1')], default: 'SEV1'};
    expect(without(one, one.levels[0]!)).toBeUndefined();
});

it.each([
    ['', 'missing'],
    ['SEV 1', 'form'],
    ['schlimm!', 'form'],
    ['größe', 'form'],
    ['None', 'form'],
    ['a'.repeat(17), 'form'],
    ['sev2', 'twice'],
    ['A-b_9', undefined],
    ['a'.repeat(16), undefined],
])('the key “%s”: %s', (key, problem) => {
    const levels = [level(key), level('SEV2')];
    expect(problemsOf(levels[0]!, levels).key).toBe(problem);
    expect(isValid({levels, default: ''})).toBe(problem === undefined);
});

it('a name is needed', () => {
    expect(isValid({levels: [level('SEV1', {name: ' '})], default: ''})).toBe(false);
    expect(isValid({levels: [], default: ''})).toBe(true);
    expect(isValid(undefined)).toBe(true);
});

it('a level is lower only than one that was chosen', () => {
    const {levels} = three();
    expect(isLower({key: 'SEV1', levels}, 'SEV2')).toBe(true);
    expect(isLower({key: 'SEV2', levels}, 'SEV1')).toBe(false);
    expect(isLower({key: 'SEV2', levels}, 'SEV2')).toBe(false);
    expect(isLower({key: '', levels}, 'SEV3')).toBe(false);
    expect(isLower({key: 'SEV1', levels}, 'other')).toBe(false);
});

it('a level whose key was cleared becomes the default again only if it was the default', () => {
    const cleared = (severity: PlaybookSeverity, at: number) => withChanged(severity, severity.levels[at]!, {key: ''})!;
    const typed = (severity: PlaybookSeverity, at: number) => withChanged(severity, severity.levels[at]!, {key: 'HIGH'})!;
    expect(typed(cleared(three('SEV2'), 1), 1).default).toBe('HIGH');
    expect(typed(cleared(three('SEV2'), 0), 0).default).toBe('SEV2');
    expect(typed(cleared(three(), 1), 1).default).toBe('');
    expect(typed({...cleared(three('SEV2'), 1), default: 'SEV1'}, 1).default).toBe('SEV1');
    const unkeyed = cleared(three('SEV2'), 1);
    const named = withChanged(unkeyed, unkeyed.levels[1]!, {name: 'Worst'})!;
    expect(named.default).toBe('');
    expect(typed(named, 1).default).toBe('HIGH');
    const twice = cleared(typed(cleared(three('SEV2'), 1), 1), 1);
    expect(typed(twice, 1).default).toBe('HIGH');
});
