const inFlight = new Map<string, Set<Promise<unknown>>>();

/** Remembers a request that changes the incident of a channel for as long as it is in flight. */
export async function trackInFlight<T>(channelId: string, request: Promise<T>): Promise<T> {
    const requests = inFlight.get(channelId) ?? new Set();
    inFlight.set(channelId, requests.add(request));
    try {
        return await request;
    } finally {
        requests.delete(request);
        if (requests.size === 0) {
            inFlight.delete(channelId);
        }
    }
}

/** Waits until the changes that are shown have been answered, with success or not: what builds on them has to come after. */
export async function changesAnswered(channelId: string): Promise<void> {
    await Promise.allSettled(inFlight.get(channelId) ?? []);
}
