import {existsSync, readFileSync} from 'fs';
import path from 'path';

import {parse as fullParse} from '@formatjs/icu-messageformat-parser';
import {beforeEach, expect, it, vi} from 'vitest';

import english from '../../i18n/en.json';

const root = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** The files that a file of the start bundle brings with it. What is imported by a function comes later. */
function startFiles(file: string, found = new Set<string>()): Set<string> {
    if (!found.has(file)) {
        found.add(file);
        for (const [, name = ''] of read(file).matchAll(/^(?:import|export) [^;]*?from '(src\/[^']+)'/gm)) {
            const imported = [name, `${name}.ts`, `${name}.tsx`, `${name}/index.ts`].find((one) => (/\.tsx?$/).test(one) && existsSync(path.join(root, one)));
            if (imported) {
                startFiles(imported, found);
            }
        }
    }
    return found;
}

let parser: typeof import('src/i18n/message_parser');

beforeEach(async () => {
    vi.resetModules();
    parser = await import('src/i18n/message_parser');
});

it('texts without placeholders need no parser', () => {
    const plain = Object.values(english).filter((text) => !(/[{<]/).test(text));
    expect(plain.length).toBeGreaterThan(100);
    expect(plain.map((text) => parser.parse(text))).toEqual(plain.map((text) => fullParse(text)));
});

it('a text with placeholders needs the parser', async () => {
    const text = '{count, plural, one {# task} other {# tasks}} of <b>{name}</b>';
    expect(() => parser.parse(text)).toThrow('before the parser is loaded');
    await parser.loadMessageParser();
    expect(parser.parse(text)).toEqual(fullParse(text));
    expect(parser.parse('Incidents')).toEqual(fullParse('Incidents'));
});

it('what is at start shows no texts with placeholders', () => {
    const files = [...startFiles('src/index.tsx')];
    expect(files).toContain('src/ui/lazy_page.tsx');
    expect(files).not.toContain('src/app/backstage.tsx');
    const texts = new Map<string, string>(Object.entries(english));
    const ids = files.flatMap((file) => [...read(file).matchAll(/\bid(?:=|: )'([^']+)',?\s+defaultMessage\b/g)].map(([, id = '']) => id));
    expect(ids).toContain('app.fault');

    // Only lazy parts give an error to its notice.
    expect(ids.filter((id) => (/[{<]/).test(texts.get(id) ?? ''))).toEqual(['ui.cause.other']);
});

it('the bundle takes this module for the parser', () => {
    const config = read('webpack.config.js');
    expect(config).toMatch(/'@formatjs\/icu-messageformat-parser\$': path\.resolve\(__dirname, 'src\/i18n\/message_parser\.ts'\)/);
});
