import path from 'path';

import {defineConfig} from 'vitest/config';

import {packagesOf} from './vitest.packages';

const react = process.env.REACT;

export default defineConfig({
    esbuild: {jsx: 'transform'},
    resolve: {alias: [{find: /^src(?=\/)/, replacement: path.resolve(__dirname, 'src')}, ...packagesOf(react)]},
    test: {
        environment: 'jsdom',
        // The packages that import React have to get the same one.
        server: {deps: {inline: react ? true : undefined}},
        environmentOptions: {jsdom: {url: 'http://localhost/ad-1/channels/town-square'}},
        setupFiles: ['./vitest.react.ts', './vitest.setup.ts'],
        include: ['src/**/*.test.{ts,tsx}'],
        // Style sheets stay out of the window: looking for a role would try each of their rules on each element. Classes keep their names.
        css: {include: [], modules: {classNameStrategy: 'non-scoped'}},
        restoreMocks: true,
        testTimeout: 300_000,
        hookTimeout: 300_000,
        pool: 'threads',
        maxWorkers: 2,
        minWorkers: 1,
    },
});
