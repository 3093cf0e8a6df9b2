type Data = Record<string, unknown>;
type Listener = (data: Data) => void;

const listeners = new Map<string, Set<Listener>>();

/** Under this name capabilities learn that a post was deleted. `data.id` is its id. */
export const POST_DELETED = 'post_deleted';

/** Under this name they learn that an incident was deleted for good. `data.id` is its id. */
export const INCIDENT_DELETED = 'incident_deleted';

/** Tells of a websocket event of a capability, or of one of the names above. */
export function emitCapabilityEvent(name: string, data: Data): void {
    listeners.get(name)?.forEach((listener) => listener(data));
}

/** Listens to a websocket event that a capability names in its StartPart, or to one of the names above; returns the end of that. */
export function onCapabilityEvent(name: string, listener: Listener): () => void {
    const all = listeners.get(name) ?? new Set();
    listeners.set(name, all.add(listener));
    return () => {
        all.delete(listener);
    };
}
