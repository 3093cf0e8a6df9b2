import {readdirSync, readFileSync} from 'fs';
import path from 'path';

import {expect, it} from 'vitest';

import english from '../../i18n/en.json';

const SMALL = new Set(['a', 'an', 'and', 'as', 'for', 'of', 'the', 'to']);
const texts = new Map<string, string>(Object.entries(english));
const source = path.resolve(__dirname, '..');
const code = readdirSync(source, {recursive: true}).map(String).filter((file) => (/(?<!test)\.tsx$/).test(file)).
    map((file) => readFileSync(path.join(source, file), 'utf8')).join('\n');

/** Ids of the texts of all framed buttons, of entries of menus, and of the buttons that confirm. */
const ids = new Set([
    ...[...code.matchAll(/<Button\b(?:(?!kind='link'|kind='icon'|<\/Button>)[\s\S])*?<\/Button>/g)].flatMap(([button]) => [...button.matchAll(/<FormattedMessage\s+id='([^']+)'/g)]),
    ...code.matchAll(/key: '\w+',\s+text: formatMessage\(\{id: '([^']+)'/g),
    ...code.matchAll(/(?:confirm|cancel)=\{formatMessage\(\{id: '([^']+)'/g),
].flatMap(([, id]) => id ?? []));

it('buttons and entries of menus are written in title case', () => {
    expect(ids.size).toBeGreaterThan(30);
    const wrong = [...ids].map((id) => [id, texts.get(id) ?? '']).filter(([, text = '']) =>
        text.split(' ').some((word, index) => (index === 0 || !SMALL.has(word)) && (/^[a-z]/).test(word)));
    expect(wrong).toEqual([]);
});
