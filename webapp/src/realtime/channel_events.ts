type Listener = (channelId: string) => void;

const listeners = new Set<Listener>();

/** Says that people or posts of a channel have come or gone. */
export function emitChannelEvent(channelId: string): void {
    listeners.forEach((listener) => listener(channelId));
}

/** Listens to the events of all channels of which the client gets events; returns the end of that. */
export function onChannelEvent(listener: Listener): () => void {
    listeners.add(listener);
    return () => {
        listeners.delete(listener);
    };
}
