import {useEffect} from 'react';
import {useSelector} from 'react-redux';

import {ApiError} from 'src/client/http';
import {getPost} from 'src/client/host';
import {Observable, useObserved} from 'src/data/observable';
import {isTransient, toApiError} from 'src/data/retry';
import {HostState, postById} from 'src/host/store';
import {Post} from 'src/types/host_rest';

export interface PostState {
    post?: Post;
    error?: ApiError;
}

const NOTHING: PostState = {};

/** Posts that the host has not loaded, such as status updates above the loaded part of a channel. */
class PostStore extends Observable {
    private posts = new Map<string, PostState>();
    private asked = new Set<string>();

    read(id: string): PostState {
        return this.posts.get(id) ?? NOTHING;
    }

    async load(id: string): Promise<void> {
        if (this.asked.has(id)) {
            return;
        }
        this.asked.add(id);
        try {
            const answer = await getPost(id);
            const held = this.posts.get(id)?.post;
            this.put(id, {post: held && held.edit_at > answer.edit_at ? held : answer});
        } catch (cause) {
            // What is shown already is better than nothing, unless it may no longer be read.
            const held = isTransient(cause) ? this.posts.get(id)?.post : undefined;
            this.put(id, {post: held, error: toApiError(cause)});
        }
    }

    retry(id: string): void {
        this.asked.delete(id);
        this.put(id, NOTHING);
        void this.load(id);
    }

    /** A post was edited somewhere. */
    edited(post: Post): void {
        const held = this.posts.get(post.id)?.post;
        if (held ? held.edit_at <= post.edit_at : this.asked.has(post.id)) {
            this.put(post.id, {post});
        }
    }

    /** Nothing that was loaded may be trusted after a lost connection. */
    reset(): void {
        const ids = new Set([...this.posts.keys(), ...this.asked]);
        this.asked.clear();
        ids.forEach((id) => void this.load(id));
    }

    dispose(): void {
        this.posts.clear();
        this.asked.clear();
    }

    private put(id: string, state: PostState): void {
        this.posts.set(id, state);
        this.notify();
    }
}

export const posts = new PostStore();

/** A post, from the host where it has it, else from the server. An empty id is no post. */
export function usePost(id: string): PostState & {retry: () => void} {
    const ofHost = useSelector((state: HostState) => (id ? postById(state, id) : undefined));
    const own = useObserved(posts, () => posts.read(id));
    const missing = id !== '' && !ofHost;
    useEffect(() => {
        if (missing) {
            void posts.load(id);
        }
    }, [id, missing]);
    return {post: ofHost ?? own.post, error: ofHost ? undefined : own.error, retry: () => posts.retry(id)};
}
