import {client} from '../client';
import {is2026} from '../frame';
import {PluginRegistry2026} from '../frames/2026/registry';
import {basename} from '../history';
import {updateRhs} from '../store/actions';
import {store} from '../store';
import type {Dictionary, PluginManifest} from '../types';

import {forgetPlugin, PluginRegistry} from './registry';

type Plugin = {
    initialize?: (registry: PluginRegistry, reduxStore: typeof store) => void;
    uninitialize?: () => void;
    deinitialize?: () => void;
};

const registered: Dictionary<Plugin> = {};
const loaded = new Map<string, PluginManifest>();

/** Called by each bundle as it runs. As in real clients, an older instance is not ended by that. */
export function registerPlugin(id: string, plugin: Plugin) {
    registered[id] = plugin;
}

export const registeredPlugins = registered;

/** The server names the path without the directory it serves plugins' files from. */
export function bundleURL(manifest: PluginManifest): string {
    const path = manifest.webapp.bundle_path;
    return basename + (path.includes('/static/plugins/') ? path : path.replace('/static/', '/static/plugins/'));
}

const scriptId = (manifest: PluginManifest) => `plugin_${manifest.id}`;

export function loadPlugin(manifest: PluginManifest): Promise<void> {
    const old = loaded.get(manifest.id);
    if (old?.webapp.bundle_path === manifest.webapp.bundle_path) {
        return Promise.resolve();
    }
    if (old) {
        clean(old);
    }
    loaded.set(manifest.id, manifest);
    return new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.id = scriptId(manifest);
        script.src = bundleURL(manifest);
        script.onload = () => {
            try {
                registered[manifest.id]?.initialize?.(new (is2026 ? PluginRegistry2026 : PluginRegistry)(manifest.id), store);
                resolve();
            } catch (error) {
                reject(error);
            }
        };
        script.onerror = () => {
            loaded.delete(manifest.id);
            reject(new Error(`The bundle of plugin ${manifest.id} could not be loaded.`));
        };
        document.head.append(script);
    });
}

function clean(manifest: PluginManifest) {
    const {pluggableId} = store.getState().views.rhs;
    const open = store.getState().plugins.components.RightHandSidebarComponent?.find((one) => one.id === pluggableId);
    if (open?.pluginId === manifest.id) {
        store.dispatch(updateRhs(null));
    }
    store.dispatch({type: 'REMOVED_WEBAPP_PLUGIN', data: manifest});
    document.getElementById(scriptId(manifest))?.remove();
}

export function removePlugin(manifest: PluginManifest) {
    if (!loaded.delete(manifest.id)) {
        return;
    }
    clean(manifest);
    const plugin = registered[manifest.id];
    (plugin?.uninitialize ?? plugin?.deinitialize)?.call(plugin);
    forgetPlugin(manifest.id);
}

/** Makes the loaded plugins the ones the server has enabled. One plugin's failure does not stop the others. */
export async function syncPlugins(): Promise<void> {
    if (store.getState().entities.general.config.PluginsEnabled !== 'true') {
        return;
    }
    const manifests = await client.webappPlugins();
    store.dispatch({type: 'RECEIVED_WEBAPP_PLUGINS', data: manifests});
    for (const [id, manifest] of loaded) {
        if (!manifests.some((one) => one.id === id)) {
            removePlugin(manifest);
        }
    }
    await Promise.all(manifests.map((manifest) => loadPlugin(manifest).catch((error) => console.error(error))));
}
