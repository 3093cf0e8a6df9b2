import {createIntl} from 'react-intl';
import {expect, it} from 'vitest';

import {dueOf, fieldsOf, formatDue} from 'src/capabilities/followups/due';

it.each([
    ['2026-12-01', '', 'Europe/Berlin', '2026-12-01T22:59:00Z'],
    ['2026-12-01', '14:30', 'Europe/Berlin', '2026-12-01T13:30:00Z'],
    ['2026-07-01', '14:30', 'America/New_York', '2026-07-01T18:30:00Z'],
    ['2026-12-01', '', 'Asia/Kathmandu', '2026-12-01T18:14:00Z'],
    ['2026-12-01', '', 'Pacific/Kiritimati', '2026-12-01T09:59:00Z'],

    // The days on which the clocks are changed.
    ['2026-03-29', '', 'Europe/Berlin', '2026-03-29T21:59:00Z'],
    ['2026-10-25', '', 'Europe/Berlin', '2026-10-25T22:59:00Z'],
    ['2026-10-25', '01:00', 'Europe/Berlin', '2026-10-24T23:00:00Z'],
    ['9999-12-31', '', 'UTC', '9999-12-31T23:59:00Z'],
])('%s %s in %s is a time, and the fields show it again', (day, time, zone, want) => {
    const at = dueOf({day, time}, zone);
    expect(new Date(at).toISOString()).toBe(want.replace('Z', '.000Z'));
    expect(fieldsOf(at, zone)).toEqual({day, time});
});

it('a time that the clocks leave out is one beside it', () => {
    const at = dueOf({day: '2026-03-29', time: '02:30'}, 'Europe/Berlin');
    expect(Math.abs(at - Date.parse('2026-03-29T01:00:00Z'))).toBeLessThanOrEqual(60 * 60_000);
});

it('no day is no due date, and a wrong one is none either', () => {
    expect(dueOf({day: '', time: '10:00'})).toBe(0);
    expect(dueOf({day: '2026-13-45', time: ''}, 'UTC')).toBeNaN();
    expect(fieldsOf(0)).toEqual({day: '', time: ''});
});

it('a day alone is shown without a time', () => {
    const intl = createIntl({locale: 'en', timeZone: 'Europe/Berlin', onError: () => undefined});
    const year = new Date().getUTCFullYear() + 1;
    expect(formatDue(intl, dueOf({day: `${year}-06-09`, time: ''}, 'Europe/Berlin'), true)).toBe(`Jun 09, ${year}`);
    expect(formatDue(intl, dueOf({day: `${year}-06-09`, time: '08:05'}, 'Europe/Berlin'), true)).toMatch(/Jun 09, .* 8:05|Jun 09, .* 08:05/);
});
