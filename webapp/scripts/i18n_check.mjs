// Fails when i18n/en.json is not what the sources say, or when another language lacks a text,
// has one too many, or uses other placeholders than English.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

import {parse} from '@formatjs/icu-messageformat-parser';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const problems = [];

const dir = mkdtempSync(path.join(tmpdir(), 'i18n-'));
const extracted = path.join(dir, 'en.json');
execFileSync('node_modules/.bin/formatjs', ['extract', 'src/**/*.{ts,tsx}', '--ignore', 'src/**/*.{d,test}.*', '--format', 'scripts/i18n_format.cjs', '--out-file', extracted], {stdio: ['ignore', 'ignore', 'inherit']});
const fresh = read(extracted);
rmSync(dir, {recursive: true});

// A text that is not given to react-intl where it is written is not extracted, and so never translated.
for (const file of readdirSync('src', {recursive: true}).filter((name) => /\.tsx?$/.test(name) && !/\.test\./.test(name))) {
    const source = readFileSync(path.join('src', file), 'utf8');
    for (const [, id] of source.matchAll(/\bid(?:=|: )'([^']+)',?\s+defaultMessage\b/g)) {
        if (!(id in fresh)) {
            problems.push(`src/${file}: ${id} is not extracted; write it inside of defineMessage or formatMessage`);
        }
    }
}

const english = read('i18n/en.json');
if (JSON.stringify(fresh) !== JSON.stringify(english)) {
    problems.push('i18n/en.json is stale: run `npm run i18n-extract`');
}

function placeholders(message, found = new Set()) {
    const walk = (nodes) => nodes.forEach((node) => {
        if (node.type > 0 && node.type < 7) {
            found.add(node.value);
        }
        if (node.type === 8) {
            found.add(`<${node.value}>`);
            walk(node.children);
        }
        Object.values(node.options ?? {}).forEach((option) => option.value && walk(option.value));
    });
    walk(parse(message));
    return [...found].sort().join(', ');
}

for (const file of readdirSync('i18n').filter((f) => f.endsWith('.json') && f !== 'en.json')) {
    const texts = read(path.join('i18n', file));
    for (const [id, text] of Object.entries(fresh)) {
        if (!texts[id]) {
            problems.push(`${file}: "${id}" is missing (${text})`);
        } else if (placeholders(text) !== placeholders(texts[id])) {
            problems.push(`${file}: "${id}" has placeholders [${placeholders(texts[id])}], English has [${placeholders(text)}]`);
        }
    }
    for (const id of Object.keys(texts)) {
        if (!(id in fresh)) {
            problems.push(`${file}: "${id}" is no longer used`);
        }
    }
}

if (problems.length) {
    console.error(problems.join('\n'));
    process.exit(1);
}
console.log(`i18n: ${Object.keys(fresh).length} texts, all languages complete`);
