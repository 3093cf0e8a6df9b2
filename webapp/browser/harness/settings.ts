import {createHash} from 'crypto';
import path from 'path';

import {test} from '@playwright/test';
import type {TestInfo} from '@playwright/test';

const needed = (name: string): string => {
    const value = process.env[name];
    if (!value) {
        throw new Error(`${name} is not set. "make test-web" sets it; webapp/README.md tells how to run the browser tests alone.`);
    }
    return value;
};

/** The web clients that the page of the tests behaves like. */
export type Frame = '2021' | '2026';

const addresses = (): Record<Frame, string> => ({'2021': needed('MM_URL'), '2026': process.env.MM_URL_2026 ?? needed('MM_URL')});

/** That of the running project. */
export let frame: Frame = '2021';

/** Address of the Mattermost site, without a slash at its end. The frame of 2026 has a site of its own, below a path. */
export let baseURL = addresses()[frame].replace(/\/$/, '');

/** Chooses the frame, once per worker. */
export function useFrame(chosen: Frame): void {
    frame = chosen;
    baseURL = addresses()[chosen].replace(/\/$/, '');
}

/** The tag of tests that depend on the web client around the plugin. CI runs half of them in each frame, "make test-web" all in both. */
export const IN_BOTH_FRAMES = '@both-frames';

/** Tests of these files run in both frames, always. */
const ALWAYS = ['web_clients.spec.ts'];

/** Whether the test runs in the frame. With MM_FRAMES=one those with the tag are divided by their titles. */
export function runsIn(one: Frame, {tags, file, titlePath}: Pick<TestInfo, 'tags' | 'file' | 'titlePath'>): boolean {
    if (process.env.MM_FRAMES !== 'one' || !tags.includes(IN_BOTH_FRAMES) || ALWAYS.includes(path.basename(file))) {
        return true;
    }
    const [first = 0] = createHash('sha256').update(titlePath.join(' ')).digest();
    return (first % 2 === 0) === (one === '2026');
}

/** `2021` or `2026` of something that the frames have in different ways. Fails in a test without the tag. */
export function byFrame<T>(choices: Record<Frame, T>): T {
    if (!test.info().tags.includes(IN_BOTH_FRAMES)) {
        throw new Error(`The test uses what the frames have in different ways, so it depends on them: give it the tag ${IN_BOTH_FRAMES} (inBothFrames).`);
    }
    return choices[frame];
}

export const pluginId = needed('MM_PLUGIN_ID');
export const adminName = needed('MM_ADMIN_USERNAME');
export const adminPassword = needed('MM_ADMIN_PASSWORD');

/** Of every page, so that what is seen does not depend on the machine. */
export const contextOptions = {viewport: {width: 1440, height: 900}, locale: 'en-US', timezoneId: 'UTC'};
