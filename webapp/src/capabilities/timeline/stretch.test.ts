import {describe, expect, it} from 'vitest';

import {compare, cursorOf, isSelected, MOST_HELD, settled, Stretch, withEntry, withNewer, withOlder} from 'src/capabilities/timeline/stretch';
import {anEntry, anEvent, MINUTE, TEN} from 'src/capabilities/timeline/testing';
import {EVERYTHING} from 'src/capabilities/timeline/types';
import {BORIS, ME} from 'src/testing/factories';

const at = (minute: number, more = {}) => anEntry({happened_at: TEN + (minute * MINUTE), ...more});
const whole = (...entries: Stretch['entries']): Stretch => ({entries, hasOlder: false, hasNewer: false});

describe('the order', () => {
    it('is that of the server: time, then revision or time of recording, then id', () => {
        const event = anEvent('started', {}, {id: 'a'.repeat(26)});
        const [later, same, other] = [at(1), at(0, {id: 'b'.repeat(26), recorded_at: TEN + 5}), at(0, {id: 'c'.repeat(26), recorded_at: TEN + 5})];
        expect([later, other, same, event].sort(compare)).toEqual([event, same, other, later]);
        expect(cursorOf(event)).toBe(`${TEN}.1.${'a'.repeat(26)}`);
        expect(cursorOf(same)).toBe(`${TEN}.${TEN + 5}.${'b'.repeat(26)}`);
    });
});

describe('an entry that comes', () => {
    it('is put where it belongs, also with a time in the past', () => {
        const [first, second, third] = [at(0), at(5), at(10)];
        expect(withEntry(whole(first, third), second, EVERYTHING).entries).toEqual([first, second, third]);
    });

    it('replaces an older version, and never a newer one', () => {
        const old = at(0);
        const fresh = {...old, version: 2, text: 'Newer'};
        expect(withEntry(whole(old), fresh, EVERYTHING).entries).toEqual([fresh]);
        const held = whole(fresh);
        expect(withEntry(held, old, EVERYTHING)).toBe(held);
        expect(withEntry(held, {...fresh}, EVERYTHING)).toBe(held);
    });

    it('moves when its time was edited', () => {
        const [first, second] = [at(0), at(5)];
        const moved = {...first, version: 2, happened_at: TEN + (9 * MINUTE)};
        expect(withEntry(whole(first, second), moved, EVERYTHING).entries).toEqual([second, moved]);
    });

    it('is left out where the stretch does not reach, and taken out when it moves there', () => {
        const [early, first, last, late] = [at(-5), at(0), at(5), at(10)];
        const stretch = {entries: [first, last], hasOlder: true, hasNewer: true};
        expect(withEntry(stretch, early, EVERYTHING)).toBe(stretch);
        expect(withEntry(stretch, late, EVERYTHING)).toBe(stretch);
        expect(withEntry(stretch, {...last, version: 2, happened_at: TEN + (9 * MINUTE)}, EVERYTHING).entries).toEqual([first]);
    });

    it('goes when the filter no longer selects it', () => {
        const starred = at(0, {starred: true});
        expect(withEntry(whole(starred), {...starred, starred: false, version: 2}, {...EVERYTHING, starred: true}).entries).toEqual([]);
        expect(withEntry(whole(), at(0), {...EVERYTHING, kinds: ['task']}).entries).toEqual([]);
    });

    it('does not let a list that nobody leaves grow without end', () => {
        let stretch = whole();
        for (let n = 0; n < (MOST_HELD * 2) + 10; n++) {
            stretch = withEntry(stretch, at(n), EVERYTHING);
        }
        expect(stretch.entries.length).toBeLessThanOrEqual(MOST_HELD * 2);
        expect(stretch.hasOlder).toBe(true);
        expect(stretch.entries[stretch.entries.length - 1]?.happened_at).toBe(TEN + (((MOST_HELD * 2) + 9) * MINUTE));
    });
});

it('pages at one end drop entries of the other', () => {
    const held = whole(...Array.from({length: MOST_HELD}, (_, n) => at(n)));
    const older = withOlder({...held, hasOlder: true}, [at(-1), at(-2)], true);
    expect(older.entries).toHaveLength(MOST_HELD);
    expect(older).toMatchObject({hasOlder: true, hasNewer: true});
    expect(older.entries[0]?.happened_at).toBe(TEN - (2 * MINUTE));
    const newer = withNewer(older, [at(MOST_HELD - 2), at(MOST_HELD - 1)], false);
    expect(newer.entries).toHaveLength(MOST_HELD);
    expect(newer).toMatchObject({hasOlder: true, hasNewer: false});
});

it('an answer does not undo what an event has brought, and keeps what is the same', () => {
    const [one, two] = [at(0), at(1)];
    const newerTwo = {...two, version: 2, text: 'Edited'};
    const {entries} = settled(whole(one, newerTwo), whole({...one}, two));
    expect(entries[0]).toBe(one);
    expect(entries[1]).toBe(newerTwo);
});

it.each([
    [{kinds: ['incident' as const]}, [true, false, false, false]],
    [{kinds: ['task' as const, 'message' as const]}, [false, true, true, false]],
    [{kinds: ['other' as const]}, [false, false, false, true]],
    [{person: BORIS.id}, [false, false, true, false]],
    [{starred: true}, [false, true, false, false]],
])('%j selects what the server would', (filter, expected) => {
    const entries = [
        anEvent('started', {}, {author_id: ME.id}),
        anEvent('task_moved', {}, {starred: true}),
        anEntry({kind: 'message', author_id: 'someone', added_by_id: BORIS.id}),
        anEvent('commander_gone', {}, {author_id: ''}),
    ];
    expect(entries.map((entry) => isSelected(entry, {...EVERYTHING, ...filter}))).toEqual(expected);
});
