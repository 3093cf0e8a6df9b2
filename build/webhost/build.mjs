// Builds dist/: root.html with hashed assets, the layout Mattermost expects of its client directory.
import {createHash} from 'node:crypto';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';

import {build} from 'esbuild';

const out = 'dist';
const result = await build({
    entryPoints: {main: 'src/index.tsx'},
    bundle: true,
    outdir: out,
    minify: true,
    target: 'es2020',
    define: {'process.env.NODE_ENV': '"production"', global: 'window'},
    loader: {
        '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'file', '.svg': 'file',
    },
    assetNames: 'files/[name]-[hash]',
    publicPath: '/static/',
    legalComments: 'linked',
    logLevel: 'info',
    write: false,
});

await rm(out, {recursive: true, force: true});
await mkdir(`${out}/files`, {recursive: true});

// The server tells browsers to keep /static/ for a year, so the names carry the content's hash.
const names = {};
for (const file of result.outputFiles) {
    const base = file.path.slice(file.path.lastIndexOf('/') + 1);
    let name = file.path.includes('/files/') ? `files/${base}` : base;
    if (base === 'main.js' || base === 'main.css') {
        const hash = createHash('sha256').update(file.contents).digest('hex').slice(0, 12);
        const [stem, extension] = base.split('.');
        name = `${stem}.${hash}.${extension}`;
        names[extension] = name;
    }
    await writeFile(`${out}/${name}`, file.contents);
}

const template = await readFile('src/root.html', 'utf8');
await writeFile(`${out}/root.html`, template.replace('main.js', names.js).replace('main.css', names.css));
await writeFile(`${out}/files/favicon.svg`, await readFile('src/favicon.svg'));
