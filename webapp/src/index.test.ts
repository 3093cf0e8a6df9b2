import {expect, it, vi} from 'vitest';

import {PLUGIN_ID} from 'src/manifest';

it('a version that the host has not ended is ended by the next one', async () => {
    const former = {uninitialize: vi.fn()};
    const plugins: NonNullable<typeof window.plugins> = {[PLUGIN_ID]: former};
    vi.stubGlobal('plugins', plugins);
    vi.stubGlobal('registerPlugin', (id: string, plugin: {uninitialize(): void}) => {
        plugins[id] = plugin;
    });
    await import('src/index');
    expect(former.uninitialize).toHaveBeenCalledTimes(1);
    expect(plugins[PLUGIN_ID]).not.toBe(former);
});
