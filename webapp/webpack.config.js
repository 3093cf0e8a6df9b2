const {createHash} = require('crypto');
const fs = require('fs');
const path = require('path');

// What the Mattermost web client (5.28 and later) provides as globals; never bundled.
const externals = {
    react: 'React',
    'react-dom': 'ReactDOM',
    redux: 'Redux',
    'react-redux': 'ReactRedux',
    'prop-types': 'PropTypes',
    'react-bootstrap': 'ReactBootstrap',
    'react-router-dom': 'ReactRouterDom',
};

/** Names what is built from these files and directories: what may differ has another name. */
function fingerprint(...sources) {
    const hash = createHash('sha256');
    for (const source of sources) {
        const names = fs.statSync(source).isDirectory() ? fs.readdirSync(source, {recursive: true}).sort() : [''];
        for (const file of names.map((name) => path.join(source, name)).filter((name) => fs.statSync(name).isFile())) {
            hash.update(path.relative(__dirname, file)).update('\0').update(fs.readFileSync(file)).update('\0');
        }
    }
    return hash.digest('hex').slice(0, 10);
}

// Pages stay open while the plugin is upgraded, and then hold what both versions have loaded: the newer one must neither
// take the older one's chunks for its own nor be styled by its style sheets.
const build = fingerprint(...['src', 'i18n', 'package-lock.json', 'webpack.config.js'].map((name) => path.join(__dirname, name)));

module.exports = (env, argv) => ({
    entry: './src/index.tsx',
    devtool: argv.mode === 'development' ? 'source-map' : false,
    externals,
    output: {
        path: path.resolve(__dirname, 'dist'),
        filename: 'main.js',
        // The host renames main.js with a hash and serves the files beside it for a long time:
        // chunks need a hash of their own.
        chunkFilename: 'chunk-[name]-[contenthash:10].js',
        // Derived from document.currentScript, so that the bundle works below any SiteURL path.
        publicPath: 'auto',
        // Names the global that chunks are put into.
        uniqueName: `com.mattermost.plugin-incident-management-${build}`,
        clean: true,
    },
    resolve: {
        extensions: ['.tsx', '.ts', '.js'],
        alias: {
            src: path.resolve(__dirname, 'src'),
            // Its parser is loaded with the first lazy part.
            '@formatjs/icu-messageformat-parser$': path.resolve(__dirname, 'src/i18n/message_parser.ts'),
        },
    },
    module: {
        rules: [
            {test: /\.tsx?$/, loader: 'esbuild-loader', options: {target: 'es2018', jsx: 'transform'}},
            {
                test: /\.css$/,
                use: [
                    'style-loader',
                    {
                        loader: 'css-loader',
                        options: {modules: {localIdentName: 'im-[name]-[local]-[hash:base64:5]', localIdentHashSalt: build, namedExport: false, exportLocalsConvention: 'as-is'}},
                    },
                ],
            },
            {test: /\.svg$/, type: 'asset/source'},
        ],
    },
    optimization: {
        minimizer: [new (require('esbuild-loader').EsbuildPlugin)({target: 'es2018', legalComments: 'none'})],
    },
    performance: {hints: false},
    stats: 'errors-warnings',
});

module.exports.fingerprint = fingerprint;
