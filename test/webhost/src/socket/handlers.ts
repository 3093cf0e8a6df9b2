import type {SocketMessage} from '../types';

type Handler = (message: SocketMessage) => void;

function guarded(run: () => void) {
    try {
        run();
    } catch (error) {
        console.error(error);
    }
}

/** Websocket and reconnect handlers of plugins: one per plugin and event, the later one counts. */
export class PluginEvents {
    private readonly events = new Map<string, Map<string, Handler>>();
    private readonly reconnects = new Map<string, () => void>();

    on(pluginId: string, event: string, handler: Handler) {
        const mine = this.events.get(pluginId) ?? new Map<string, Handler>();
        mine.set(event, handler);
        this.events.set(pluginId, mine);
    }

    off(pluginId: string, event: string) {
        this.events.get(pluginId)?.delete(event);
    }

    onReconnect(pluginId: string, handler: () => void) {
        this.reconnects.set(pluginId, handler);
    }

    offReconnect(pluginId: string) {
        this.reconnects.delete(pluginId);
    }

    forget(pluginId: string) {
        this.events.delete(pluginId);
        this.reconnects.delete(pluginId);
    }

    /** A failing plugin does not keep the event from the others. */
    deliver(message: SocketMessage) {
        this.events.forEach((mine) => guarded(() => mine.get(message.event)?.(message)));
    }

    reconnected() {
        this.reconnects.forEach((handler) => guarded(handler));
    }
}

export const pluginEvents = new PluginEvents();
