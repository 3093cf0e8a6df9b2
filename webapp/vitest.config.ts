import path from 'path';

import {defineConfig} from 'vitest/config';

export default defineConfig({
    esbuild: {jsx: 'transform'},
    resolve: {alias: {src: path.resolve(__dirname, 'src')}},
    test: {
        environment: 'jsdom',
        environmentOptions: {jsdom: {url: 'http://localhost/ad-1/channels/town-square'}},
        setupFiles: ['./vitest.setup.ts'],
        include: ['src/**/*.test.{ts,tsx}'],
        css: {include: [/\.css$/], modules: {classNameStrategy: 'non-scoped'}},
        restoreMocks: true,
        testTimeout: 60_000,
        hookTimeout: 60_000,
        pool: 'threads',
        maxWorkers: 2,
        minWorkers: 1,
    },
});
