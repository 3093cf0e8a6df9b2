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
        uniqueName: 'com.mattermost.plugin-incident-management',
        chunkLoadingGlobal: 'incidentManagementChunks',
        clean: true,
    },
    resolve: {
        extensions: ['.tsx', '.ts', '.js'],
        alias: {src: path.resolve(__dirname, 'src')},
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
                        options: {modules: {localIdentName: 'im-[name]-[local]-[hash:base64:5]', namedExport: false, exportLocalsConvention: 'as-is'}},
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
