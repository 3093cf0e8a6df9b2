import {useSelector} from 'react-redux';

import {ApiError} from 'src/client/http';
import {getPost} from 'src/client/host';
import {HostState, postById} from 'src/host/store';
import {client, limitConcurrency, limitKept, refresh, useQuery} from 'src/query/client';
import {isTransient} from 'src/query/retry';
import {Post} from 'src/types/host_rest';

const POST = 'post';

/** For how long a post that is not shown is kept, in milliseconds. */
const KEEP_MS = 60_000;
const MOST_KEPT = 100;

/** After a reconnect all posts that are shown are read again, so many at a time. */
const MOST_AT_ONCE = 4;

export const postKey = (id: string) => [POST, id];

const limited = limitConcurrency(MOST_AT_ONCE);

client.setQueryDefaults([POST], {
    queryFn: ({queryKey, signal}) => limited(() => getPost(String(queryKey[1]), signal)),
    staleTime: Infinity,
    cacheTime: KEEP_MS,
    structuralSharing: ((held: Post | undefined, fresh: Post) => (held && held.edit_at > fresh.edit_at ? held : fresh)) as <T>(held: T | undefined, fresh: T) => T,
});
limitKept(POST, MOST_KEPT);

/** A post was edited. */
export function postEdited(post: Post): void {
    if (client.getQueryState(postKey(post.id))) {
        client.setQueryData(postKey(post.id), post);
    }
}

/** Reads the posts that are shown again; those that are kept, when they are shown next. */
export const refreshPosts = () => refresh([POST]);

export interface PostState {
    post?: Post;
    error?: ApiError;
    retry: () => void;
}

/** A post, from the host where it has it, else from the server. An empty id is no post. */
export function usePost(id: string): PostState {
    const ofHost = useSelector((state: HostState) => (id ? postById(state, id) : undefined));
    const {data, error, reload} = useQuery<Post>(postKey(id), undefined, {enabled: id !== '' && !ofHost, staleTime: Infinity});

    // What is shown already is better than nothing, unless it may no longer be read.
    const own = error && !isTransient(error) ? undefined : data;
    return {post: ofHost ?? own, error: ofHost ? undefined : error, retry: reload};
}
