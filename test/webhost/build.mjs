// Builds dist/: root.html with hashed assets, the layout Mattermost expects of its client directory. The page is built
// twice: as the web client of 2021, and as that of 2026 with the libraries that the latter has.
import {createHash} from 'node:crypto';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';

import {build} from 'esbuild';

const out = 'dist';
const frames = {
    2021: {entry: 'src/frames/2021/index.tsx', alias: {}},
    2026: {
        entry: 'src/frames/2026/index.tsx',
        alias: {
            react: 'react18', 'react-dom': 'react-dom18', redux: 'redux5', 'react-redux': 'react-redux9', 'react-router-dom': 'react-router-dom53',
        },
    },
};

// The server tells browsers to keep /static/ for a year, so the names carry the content's hash.
const hashed = (stem, extension, contents) => `${stem}.${createHash('sha256').update(contents).digest('hex').slice(0, 12)}.${extension}`;

await rm(out, {recursive: true, force: true});
await mkdir(`${out}/files`, {recursive: true});
const names = {};
for (const [frame, {entry, alias}] of Object.entries(frames)) {
    const {outputFiles} = await build({
        entryPoints: {main: entry},
        bundle: true,
        outdir: out,
        minify: true,
        target: 'es2020',
        alias,
        define: {'process.env.NODE_ENV': '"production"', global: 'window', FRAME: JSON.stringify(frame)},
        loader: {
            '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'file', '.svg': 'file',
        },
        assetNames: 'files/[name]-[hash]',
        legalComments: 'linked',
        logLevel: 'info',
        write: false,
    });
    names[frame] = {};
    for (const file of outputFiles) {
        const base = file.path.slice(file.path.lastIndexOf('/') + 1);
        let name = file.path.includes('/files/') ? `files/${base}` : base.replace('main', `main-${frame}`);
        if (base === 'main.js' || base === 'main.css') {
            const [, extension] = base.split('.');
            name = hashed(`main-${frame}`, extension, file.contents);
            names[frame][extension] = name;
        }
        await writeFile(`${out}/${name}`, file.contents);
    }
}

const loader = (await readFile('src/loader.js', 'utf8')).replace('FILES', JSON.stringify(names));
const loaderName = hashed('loader', 'js', loader);
await writeFile(`${out}/${loaderName}`, loader);
const template = await readFile('src/root.html', 'utf8');
await writeFile(`${out}/root.html`, template.replace('loader.js', loaderName));
await writeFile(`${out}/files/favicon.svg`, await readFile('src/favicon.svg'));
