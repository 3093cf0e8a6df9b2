import {ownContextMade} from 'src/i18n/own_context'; // first: before react-intl
import {register} from 'src/app/registrations';
import {Registry} from 'src/host/registry';
import {HostStore} from 'src/host/store';
import {PLUGIN_ID} from 'src/manifest';

ownContextMade();

/** What the host loads, starts and stops. */
class Plugin {
    private undo?: () => void;

    initialize(registry: Registry, store: HostStore): void {
        this.uninitialize();
        this.undo = register(registry, store);
    }

    uninitialize(): void {
        this.undo?.();
        this.undo = undefined;
    }
}

const former = window.plugins?.[PLUGIN_ID];
window.registerPlugin?.(PLUGIN_ID, new Plugin());

// A page that was offline during an upgrade loads the new version over the old one and does not end that.
former?.uninitialize?.();
