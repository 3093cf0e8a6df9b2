import {test} from '@playwright/test';

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

/** The tag of tests that depend on the web client around the plugin: they run in both frames, also where CI runs the others in one. */
export const IN_BOTH_FRAMES = '@both-frames';

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
