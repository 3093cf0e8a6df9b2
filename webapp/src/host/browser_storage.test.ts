import {beforeEach, expect, it, vi} from 'vitest';

import {keepInBrowser, keptInBrowser} from 'src/host/browser_storage';
import {PLUGIN_ID} from 'src/manifest';

beforeEach(() => {
    window.localStorage.clear();
    vi.restoreAllMocks();
});

it('what is kept belongs to one user, and outlasts others', () => {
    expect(keepInBrowser('anna', 'text', {a: 1})).toBe(true);
    keepInBrowser('boris', 'text', {a: 2});
    expect(keptInBrowser('anna', 'text')).toEqual({a: 1});
    keepInBrowser('boris', 'text', undefined);
    expect(keptInBrowser('boris', 'text')).toBeUndefined();
    expect(keptInBrowser('anna', 'text')).toEqual({a: 1});
});

it('what nobody came back for is removed, and nothing of others', () => {
    window.localStorage.setItem('host', 'x');
    keepInBrowser('anna', 'old', 'text');
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + (31 * 24 * 60 * 60_000));
    keepInBrowser('anna', 'new', 'text');
    expect(keptInBrowser('anna', 'old')).toBeUndefined();
    expect(keptInBrowser('anna', 'new')).toBe('text');
    expect(window.localStorage.getItem('host')).toBe('x');
});

it('a damaged value is none, and a full storage is told', () => {
    window.localStorage.setItem(`${PLUGIN_ID}:unsaved:anna:text`, '{');
    expect(keptInBrowser('anna', 'text')).toBeUndefined();
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
        throw new DOMException('full', 'QuotaExceededError');
    });
    expect(keepInBrowser('anna', 'text', 'x')).toBe(false);
});
