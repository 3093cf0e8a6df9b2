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

const screens = readdirSync(source, {recursive: true}).map(String).filter((file) => (/(?<!test)\.tsx$/).test(file)).
    map((file) => ({file, code: readFileSync(path.join(source, file), 'utf8')}));

it('no check box and no radio button is the browser\'s own, which is white on dark themes', () => {
    const count = (code: string, pattern: RegExp) => [...code.matchAll(pattern)].length;
    const own = screens.filter(({code}) => count(code, /\stype='(checkbox|radio)'/g) !== count(code, /choiceStyles\.(check|radio)\b/g));
    expect(own.map(({file}) => file)).toEqual([]);
});

it('each field has a background of ours, as the browser\'s own is white on dark themes', () => {
    const bare = screens.flatMap(({file, code}) => [...code.matchAll(/<(?:input|textarea|select)\s([\s\S]*?)\n\s*\/?>\n/g)].flatMap(([, attributes = '']) => {
        const [, styles, name] = (/className=\{(?:classes\()?.*?\b(\w*[sS]tyles)\.(\w+)/).exec(attributes) ?? [];
        const sheet = (new RegExp(`import ${styles} from 'src/(.*\\.css)'`)).exec(code)?.[1];
        const css = sheet ? readFileSync(path.join(source, sheet), 'utf8') : '';
        const rules = [...css.matchAll(/([^{}]*)\{([^{}]*)\}/g)].filter(([, selector = '']) => (new RegExp(`\\.${name}(?![\\w-])`)).test(selector)).map(([, , body]) => body);
        const isHidden = (/hidden=|type='file'/).test(attributes);
        return isHidden || rules.some((body) => (/background|composes: (input|select)/).test(body ?? '')) ? [] : [`${file}: ${name}`];
    }));
    expect(bare).toEqual([]);
});

it('lines of an update stay apart', () => {
    const css = readFileSync(path.join(__dirname, 'markdown.module.css'), 'utf8');
    expect(css).toMatch(/\.markdown p \{[^}]*white-space: pre-wrap/);
});
