import {defineConfig} from 'vitest/config';

export default defineConfig({
    test: {
        environment: 'jsdom',
        include: ['src/**/*.test.{ts,tsx}'],
        // One worker loads jsdom once. On a busy machine a worker for each file does not start within the time that vitest gives it.
        pool: 'threads',
        isolate: false,
        maxWorkers: 1,
        testTimeout: 60_000,
        hookTimeout: 60_000,
    },
});
