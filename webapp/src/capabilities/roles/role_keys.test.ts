// @vitest-environment node

import {expect, it} from 'vitest';

import {roleKey} from 'src/capabilities/roles/role_keys';
import {ROLE_LIMITS} from 'src/types/roles';

it.each([
    ['Communications', [], 'communications'],
    ['  Scribe & Time Keeper ', [], 'scribe-time-keeper'],
    ['Öffentlichkeit', [], 'offentlichkeit'],
    ['運用', [], 'role'],
    ['!', ['role', 'role-2'], 'role-3'],
    ['Ops', ['ops'], 'ops-2'],
    ['Commander', [], 'commander-2'],
])('the key of %s', (name, taken, key) => {
    expect(roleKey(name, taken)).toBe(key);
});

it('is short enough also with a number', () => {
    const name = 'a'.repeat(ROLE_LIMITS.name);
    const first = roleKey(name, []);
    const second = roleKey(name, [first]);
    expect(second).not.toBe(first);
    [first, second].forEach((key) => expect(key).toMatch(/^[a-z0-9_-]{1,32}$/));
});
