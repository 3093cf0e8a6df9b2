import {expect, it} from 'vitest';

import {dayIn, fromWall, toWall} from 'src/capabilities/timeline/when';

it.each([
    ['UTC', '2026-03-02T10:00', Date.UTC(2026, 2, 2, 10)],
    ['Europe/Berlin', '2026-07-02T10:00', Date.UTC(2026, 6, 2, 8)],
    ['Asia/Kolkata', '2026-01-01T00:15', Date.UTC(2025, 11, 31, 18, 45)],
    ['America/New_York', '2026-03-08T12:00', Date.UTC(2026, 2, 8, 16)],
    ['Pacific/Apia', '2026-03-02T00:00', Date.UTC(2026, 2, 1, 11)],
])('in %s %s is one time, there and back', (zone, wall, at) => {
    expect(fromWall(wall, zone)).toBe(at);
    expect(toWall(at, zone)).toBe(wall);
});

it('the hours around a change of the clock are right', () => {
    // Clocks went from 2:00 to 3:00 on 2026-03-29.
    expect(fromWall('2026-03-29T01:59', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 0, 59));
    expect(fromWall('2026-03-29T03:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1));
    expect(Number.isFinite(fromWall('2026-03-29T02:30', 'Europe/Berlin'))).toBe(true);
});

it('what is no time is NaN', () => {
    expect(['', 'tomorrow', '2026-13-01T10:00', '2026-03-02'].map((wall) => fromWall(wall, 'UTC'))).toEqual([NaN, NaN, NaN, expect.any(Number)]);
});

it('a day is that of the zone', () => {
    const at = Date.UTC(2026, 2, 2, 23, 30);
    expect([dayIn('UTC')(at), dayIn('Europe/Berlin')(at)]).toEqual(['2026-03-02', '2026-03-03']);
});
