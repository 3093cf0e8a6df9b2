import {defineConfig} from '@playwright/test';

import config from '../playwright.config';

/** Measurements, run by `make bench` one after the other against its server. They assert nothing about time. */
export default defineConfig({
    ...config,
    testDir: __dirname,
    testMatch: '*.bench.ts',
    fullyParallel: false,
    workers: 1,
    timeout: 300_000,
    reporter: 'line',
    use: {...config.use, trace: 'off', screenshot: 'off'},
});
