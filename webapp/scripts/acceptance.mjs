// Keeps docs/acceptance.md: which test covers which item of the acceptance list. Without arguments it fails when the file
// is stale or an item has no test; with --write it writes the file.
//
// Items 1 to 143 are behaviours; a browser test names those that it covers before the colon of its title ("93, 94: …",
// "133-136: …"). Items W01 to W75 are weaknesses of version 1.2.0; tests of either kind name them at the start of their title.
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const webapp = path.resolve(import.meta.dirname, '..');
const file = path.resolve(webapp, '..', 'docs', 'acceptance.md');
const COUNT = 143;

// The numbers between these are not in use, or split into the lettered ones.
const WEAKNESSES = [...Array.from({length: 75}, (_, at) => `W${String(at + 1).padStart(2, '0')}`).filter((id) => id !== 'W39'),
    ...'abcdefg'.split('').map((letter) => `W39${letter}`)].sort();

/** Weaknesses that are, in part at least, no behaviour a test could see, and why they are gone. */
const BY_DESIGN = {
    W65: 'the fields stay whole: `docs/decisions/0014-whole-incidents-in-the-sidebar.md`',
    W71: 'names of people come from `src/data/users.ts` alone',
    W73: 'what is sorted is known by its id, not its title or place: `src/ui/reorder.tsx`',
    W75: 'the compiler and the linter refuse what is not used',
};

/** Browser tests as the runner lists them: loops and templates are expanded. */
function browserTests() {
    const listed = execFileSync(process.execPath, [
        path.join(webapp, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', '--list', '--reporter', 'json', '--config', 'browser/playwright.config.ts',
    ], {
        cwd: webapp,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        env: {...process.env, MM_URL: 'http://localhost', MM_PLUGIN_ID: 'x', MM_ADMIN_USERNAME: 'x', MM_ADMIN_PASSWORD: 'x'},
    });
    const found = [];
    const walk = (suite) => {
        suite.specs?.forEach(({title, file: name}) => found.push({title, file: `webapp/browser/${path.basename(name)}`}));
        suite.suites?.forEach(walk);
    };
    JSON.parse(listed).suites.forEach(walk);
    return found;
}

/** Titles of component and unit tests; they are not computed. */
function unitTests(folder = path.join(webapp, 'src')) {
    return readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
        const whole = path.join(folder, entry.name);
        if (entry.isDirectory()) {
            return unitTests(whole);
        }
        if (!/\.test\.tsx?$/.test(entry.name)) {
            return [];
        }
        return [...readFileSync(whole, 'utf8').matchAll(/\b(?:it|test|describe)(?:\.each\([^]*?\))?\(\s*(['"`])((?:\\.|(?!\1)[^])*)\1/g)].
            map(([, , title]) => ({title: title.replace(/\\(.)/g, '$1'), file: `webapp/src/${path.relative(path.join(webapp, 'src'), whole)}`}));
    });
}

/** Numbers of the acceptance items that a title names. */
function numbersOf(title) {
    const [, head] = (/^([^:]*):/).exec(title) ?? [];
    if (!head || !/^\s*(?:W?\d+[a-g]?(?:-\d+)?[\s,]*)+$/.test(head)) {
        return [];
    }
    return [...head.matchAll(/(?<![W\d])(\d+)(?:-(\d+))?/g)].flatMap(([, from, to = from]) =>
        Array.from({length: Number(to) - Number(from) + 1}, (_, at) => Number(from) + at));
}

const weaknessesOf = (title) => [...title.matchAll(/\bW\d\d[a-g]?\b/g)].map(([id]) => id);

function group(tests, keysOf) {
    const groups = new Map();
    for (const test of tests) {
        for (const key of keysOf(test.title)) {
            groups.set(key, [...groups.get(key) ?? [], test]);
        }
    }
    return groups;
}

const plain = (title) => title.replace(/^(?:W?\d+[a-g]?(?:-\d+)?[\s,:]+)+/, '').replaceAll('|', '\\|');

/** Names of tests, those of a file once after its name. */
function cell(tests) {
    const files = new Map();
    for (const {file: name, title} of tests) {
        files.set(name, [...new Set([...files.get(name) ?? [], plain(title)])]);
    }
    return [...files].map(([name, titles]) => `\`${name.replace('webapp/', '')}\`: ${titles.join('; ')}`).join('<br>');
}

const browser = browserTests();
const items = group(browser, numbersOf);
const weaknesses = group([...browser, ...unitTests()], weaknessesOf);
const missing = [];
const row = (key, tests, otherwise) => {
    if (!tests && !otherwise) {
        missing.push(key);
    }
    return `| ${key} | ${[tests && cell(tests), otherwise].filter(Boolean).join('<br>') || '**none**'} |`;
};

const text = `# Acceptance list

Which test covers which item. Written by \`npm run acceptance -- --write\` in \`webapp/\` from the titles of the tests, and
checked by its unit tests. Names of files are relative to \`webapp/\`. The numbers only tell the items apart: what an item
asks for is described by the titles of the tests that cover it.

## Behaviours

| Item | Tests in a browser on a real server |
|---|---|
${Array.from({length: COUNT}, (_, at) => row(at + 1, items.get(at + 1))).join('\n')}

## Weaknesses of version 1.2.0 that are not repeated

| Item | Tests |
|---|---|
${WEAKNESSES.map((id) => row(id, weaknesses.get(id), BY_DESIGN[id])).join('\n')}
`;

const problems = [];
if (missing.length > 0) {
    problems.push(`no test names ${missing.join(', ')}`);
}
if (process.argv.includes('--write')) {
    writeFileSync(file, text);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    problems.push('docs/acceptance.md is stale: run "npm run acceptance -- --write" in webapp/');
}
if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`);
    process.exitCode = 1;
}
