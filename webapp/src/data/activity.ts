type Follower = (channelId: string) => void;

const followers = new Set<Follower>();

/** Tells whoever follows that people or posts of a channel have come or gone. */
export function channelChanged(channelId: string): void {
    followers.forEach((follow) => follow(channelId));
}

/** Follows all channels of which the client gets events; returns the end of it. */
export function followChannels(follow: Follower): () => void {
    followers.add(follow);
    return () => {
        followers.delete(follow);
    };
}
