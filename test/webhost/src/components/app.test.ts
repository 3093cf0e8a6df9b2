import {expect, it} from 'vitest';

import {afterLogin} from './app';

it.each([
    ['', '/'], ['?redirect_to=%2Fops%2Fchannels%2Fx', '/ops/channels/x'], ['?redirect_to=https%3A%2F%2Fevil.example', '/'],
    ['?redirect_to=%2F%2Fevil.example', '/'], ['?redirect_to=%2F%5Cevil.example', '/'],
])('a sign-in at /login%s leads to %s', (search, target) => {
    expect(afterLogin(search)).toBe(target);
});
