// @vitest-environment node

import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'fs';
import {createRequire} from 'module';
import {tmpdir} from 'os';
import path from 'path';

import {expect, it} from 'vitest';

import {PLUGIN_ID} from 'src/manifest';

const require = createRequire(__filename);

it('what the host provides is not bundled', () => {
    const configure = require('../webpack.config.js') as (env: object, argv: {mode: string}) => {externals: object; output: {publicPath: string}};
    const {externals, output} = configure({}, {mode: 'production'});
    expect(externals).toEqual({
        react: 'React',
        'react-dom': 'ReactDOM',
        redux: 'Redux',
        'react-redux': 'ReactRedux',
        'prop-types': 'PropTypes',
        'react-bootstrap': 'ReactBootstrap',
        'react-router-dom': 'ReactRouterDom',
    });
    expect(output.publicPath).toBe('auto');
});

it('the id is that of the manifest', () => {
    const manifest = require('../../plugin.json') as {id: string};
    expect(PLUGIN_ID).toBe(manifest.id);
});

it('builds of other sources have names of their own for chunks and styles', () => {
    const configure = require('../webpack.config.js') as {
        (env: object, argv: {mode: string}): {output: {uniqueName: string; chunkLoadingGlobal?: string}; module: {rules: object[]}};
        fingerprint: (...sources: string[]) => string;
    };
    const dir = mkdtempSync(path.join(tmpdir(), 'sources-'));
    try {
        mkdirSync(path.join(dir, 'below'));
        const file = path.join(dir, 'below', 'one.ts');
        writeFileSync(file, '1');
        const before = configure.fingerprint(dir);
        expect(configure.fingerprint(dir)).toBe(before);
        writeFileSync(file, '2');
        expect(configure.fingerprint(dir)).not.toBe(before);
    } finally {
        rmSync(dir, {recursive: true});
    }
    const {output, module} = configure({}, {mode: 'production'});
    const [, build] = (/-([0-9a-f]{10})$/).exec(output.uniqueName) ?? [];
    expect(build).toBeDefined();
    expect(output.chunkLoadingGlobal).toBeUndefined();
    expect(JSON.stringify(module.rules)).toContain(`"localIdentHashSalt":"${build}"`);
});
