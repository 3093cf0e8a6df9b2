import {existsSync} from 'fs';
import path from 'path';

import {defineConfig} from '@playwright/test';

import {contextOptions, IN_BOTH_FRAMES} from './harness/settings';
import type {WorkerOptions} from './harness/test';

const artefacts = path.resolve(__dirname, '..', '..', 'dist', 'browser');
// The headless shell is Chromium without windows. It runs the tests with a quarter less CPU time, so it comes first.
const programs = process.env.MM_CHROMIUM ? [process.env.MM_CHROMIUM] : ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const chromium = programs.find((program) => existsSync(program));
if (!chromium && !process.argv.includes('--list')) {
    throw new Error(`There is no browser at ${programs.join(' or ')}: install Chromium, or name one with MM_CHROMIUM.`);
}

// With MM_FRAMES=one, as in CI, a test runs in one frame. Those with the tag are divided between both by harness/settings.ts. The others
// run in that of 2026, but for those of these files.
const in2021 = ['incident_page', 'playbook_list', 'slash_commands', 'stages', 'tasks'];
const shared = process.env.MM_FRAMES === 'one';
const files = `(${in2021.join('|')})\\.spec\\.ts `;
const projects = [
    {name: 'frame-2021', use: {frame: '2021' as const}, grep: shared ? new RegExp(`${IN_BOTH_FRAMES}|${files}`) : undefined},
    {name: 'frame-2026', use: {frame: '2026' as const}, grep: shared ? new RegExp(`${IN_BOTH_FRAMES}|^(?!.*${files})`) : undefined},
];

export default defineConfig<object, WorkerOptions>({
    testDir: __dirname,
    outputDir: path.join(artefacts, 'results'),
    fullyParallel: true,
    // A test that passes only the second time is listed as flaky.
    retries: process.env.CI ? 1 : 0,
    workers: 2,
    forbidOnly: Boolean(process.env.CI),
    // Only to end what hangs: a busy machine is no failure.
    timeout: 240_000,
    expect: {timeout: 40_000},
    projects,
    reporter: [['list'], ['html', {outputFolder: path.join(artefacts, 'report'), open: 'never'}]],
    use: {
        actionTimeout: 40_000,
        navigationTimeout: 60_000,
        // Recording costs a third of the time, so it is for looking into a failure.
        trace: process.env.MM_BROWSER_TRACE ? 'retain-on-failure' : 'off',
        screenshot: 'only-on-failure',
        contextOptions,
        launchOptions: {
            executablePath: chromium,
            // The sandbox needs rights that containers and root do not have; only pages of our own server are opened.
            args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
        },
    },
});
