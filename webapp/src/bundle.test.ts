// @vitest-environment node

import {createRequire} from 'module';

import {expect, it} from 'vitest';

import {PLUGIN_ID} from 'src/manifest';

const require = createRequire(__filename);

it('W56 what the host provides is not bundled', () => {
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
