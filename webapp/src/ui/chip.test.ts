// @vitest-environment node

import {readFileSync} from 'fs';
import path from 'path';

import {expect, it} from 'vitest';

import {LEVEL_COLORS} from 'src/types/severity';
import {CHIP_COLORS} from 'src/ui/chip';

const css = readFileSync(path.join(__dirname, 'chip.module.css'), 'utf8');

/** Relative luminance, as WCAG 2 defines it. */
function luminance(hex: string): number {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const part = parseInt(hex.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return (0.2126 * red) + (0.7152 * green) + (0.0722 * blue);
}

it.each(LEVEL_COLORS)('the text of a %s chip is legible', (color) => {
    const [, background = '', text = ''] = (new RegExp(`\\.${color} \\{\\s*background: (#\\w{6});\\s*color: (#\\w{6});`)).exec(css) ?? [];
    const [darker = 0, lighter = 0] = [luminance(background), luminance(text)].sort((a, b) => a - b);
    expect((lighter + 0.05) / (darker + 0.05)).toBeGreaterThanOrEqual(4.5);
});

it('there is a chip of each colour that a level can have', () => {
    expect([...CHIP_COLORS].sort()).toEqual([...LEVEL_COLORS].sort());
});
