import {readdirSync, readFileSync} from 'fs';
import path from 'path';

import {describe, expect, it} from 'vitest';

const source = path.resolve(__dirname, '..');
const sheets = readdirSync(source, {recursive: true}).map(String).filter((file) => file.endsWith('.css'));

describe.each(sheets)('%s', (sheet) => {
    const css = readFileSync(path.join(source, sheet), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');

    // The colours of chips have a test of their own.
    it.skipIf(sheet === path.join('ui', 'chip.module.css'))('takes its colours from the theme', () => {
        expect(css).not.toMatch(/#[0-9a-f]{3,8}\b/i);
        expect(css).not.toMatch(/\b(rgb|hsl)a?\(\s*(?!0, 0, 0,|var\()[\d.]/);
    });

    it('fits languages that are read from right to left', () => {
        expect(css).not.toMatch(/(^|[\s;{])(left|right|(margin|padding|border)-(left|right)[a-z-]*)\s*:/);
        expect(css).not.toMatch(/(text-align|float)\s*:\s*(left|right)/);

        // An element further out, such as the host's page, may have another direction than our texts.
        expect(css.replace(".root[dir='rtl']", '')).not.toMatch(/\[dir/);
    });
});

it('each class that is used exists', () => {
    const components = readdirSync(source, {recursive: true}).map(String).filter((file) => (/(?<!test)\.tsx$/).test(file));
    const missing = components.flatMap((component) => {
        const code = readFileSync(path.join(source, component), 'utf8');
        return [...code.matchAll(/import (\w+) from 'src\/(.*\.css)'/g)].flatMap(([, name, sheet]) => {
            const css = readFileSync(path.join(source, sheet ?? ''), 'utf8');
            return [...code.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'g'))].
                filter(([, one]) => !(new RegExp(`\\.${one}\\b`)).test(css)).map(([used]) => `${component}: ${used}`);
        });
    });
    expect(missing).toEqual([]);
});

it('lines of an update stay apart', () => {
    const css = readFileSync(path.join(__dirname, 'markdown.module.css'), 'utf8');
    expect(css).toMatch(/\.markdown p \{[^}]*white-space: pre-wrap/);
});
