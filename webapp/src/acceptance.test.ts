import {execFile} from 'child_process';
import path from 'path';
import {promisify} from 'util';

import {expect, it} from 'vitest';

it('docs/acceptance.md names a test for each item, and is what the titles of the tests say', async () => {
    const script = path.resolve(__dirname, '..', 'scripts', 'acceptance.mjs');
    await expect(promisify(execFile)(process.execPath, [script])).resolves.toMatchObject({stderr: ''});
}, 120_000);
