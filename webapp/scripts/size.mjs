// Prints the size of each built file and fails when the part loaded at start is over its budget.
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';

const START_BUDGET = 60 * 1024; // bytes, gzipped

const files = readdirSync('dist').filter((f) => f.endsWith('.js')).sort();
const sizes = files.map((file) => {
    const content = readFileSync(path.join('dist', file));
    return {file, raw: content.length, gzip: gzipSync(content, {level: 9}).length};
});
const kb = (n) => `${(n / 1024).toFixed(1)} kB`.padStart(10);
sizes.forEach(({file, raw, gzip}) => console.log(`${kb(raw)} raw ${kb(gzip)} gzip  ${file}`));

const start = sizes.find(({file}) => file === 'main.js');
if (!start) {
    console.error('dist/main.js is missing: run `npm run build`');
    process.exit(1);
}
if (start.gzip > START_BUDGET) {
    console.error(`main.js is ${kb(start.gzip).trim()} gzipped; the budget is ${kb(START_BUDGET).trim()}`);
    process.exit(1);
}
