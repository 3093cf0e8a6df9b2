import {useMemo} from 'react';
import {useSelector, useStore} from 'react-redux';

import {getUsers, getUsersByName} from 'src/client/host';
import {HostState, HostStore, nameSetting, displayName, receivedUsers, userById} from 'src/host/store';
import {client, onClear, refresh, useQuery} from 'src/query/client';
import {isTransient, MOST_REPETITIONS} from 'src/query/retry';
import {User} from 'src/types/host_rest';

const USER = 'user';

/** Profiles that are asked for within so many milliseconds are read with one request. */
const BATCH_MS = 20;
const MOST_PER_REQUEST = 100;

type Answer = (user: Promise<User | null>) => void;

let batch = new Map<string, Answer>();
let timer: number | undefined;

/** Sends one request for the profiles that were asked for, and gives them to the host's store. */
function sendBatch(store: HostStore): void {
    const answers = [...batch];
    batch = new Map();
    for (let i = 0; i < answers.length; i += MOST_PER_REQUEST) {
        const some = answers.slice(i, i + MOST_PER_REQUEST);
        const request = getUsers(some.map(([id]) => id)).then((users) => {
            store.dispatch(receivedUsers(users));
            return new Map(users.map((user) => [user.id, user]));
        });
        some.forEach(([id, answer]) => answer(request.then((users) => users.get(id) ?? null)));
    }
}

/** The profile of a user; null when there is no such user. Queries read it once at a time. */
function loadUser(store: HostStore, id: string): Promise<User | null> {
    return new Promise((resolve) => {
        if (batch.size === 0) {
            timer = window.setTimeout(() => sendBatch(store), BATCH_MS);
        }
        batch.set(id, resolve);
    });
}

const userKey = (id: string) => [USER, id];

/** Has the profiles of all given users loaded into the host's store. */
export function wantUsers(store: HostStore, ids: string[]): void {
    ids.filter((id) => id && !userById(store.getState(), id)).forEach((id) => {
        void client.prefetchQuery({queryKey: userKey(id), queryFn: () => loadUser(store, id), staleTime: Infinity});
    });
}

/** Asks again for users that are missing on the screen; for others, when they are shown next. */
export const refreshUsers = () => refresh([USER]);

onClear(() => {
    window.clearTimeout(timer);
    batch.clear();
});

/** A person's profile, loaded when necessary; undefined until it is there, null when there is no such user. */
export function useFoundUser(id: string): User | null | undefined {
    const store = useStore<HostState>();
    const user = useSelector((state: HostState) => userById(state, id));
    const {data} = useQuery<User | null>(userKey(id), () => loadUser(store, id), {
        enabled: id !== '' && !user,
        staleTime: Infinity,
        retry: (failures, error) => isTransient(error) && failures < MOST_REPETITIONS,
    });
    return user ?? data;
}

/** As `useFoundUser`, and undefined also when there is no such user. */
export const useUser = (id: string): User | undefined => useFoundUser(id) ?? undefined;

/** Mentions of groups, which are no user names. */
const GROUPS = ['all', 'channel', 'here'];

/** The user names that a text may mention, in lower case; after a name may come a dot that belongs to the sentence. */
export function mentionedNames(text: string): string[] {
    const found = (text.match(/(^|[^\w.-])@[a-z0-9][a-z0-9._-]*/gi) ?? []).map((hit) => hit.slice(hit.indexOf('@') + 1).toLowerCase());
    const names = new Set(found.flatMap((name) => [name, name.replace(/[._-]+$/, '')]));
    return [...names].filter((name) => !GROUPS.includes(name)).sort();
}

/** Has the people whom a text mentions loaded into the host's store: the host makes links of those only. */
export function useMentioned(text: string): void {
    const store = useStore<HostState>();
    const profiles = useSelector((state: HostState) => state.entities.users.profiles);
    const names = useMemo(() => mentionedNames(text).slice(0, MOST_PER_REQUEST), [text]);
    const missing = useMemo(() => {
        const known = names.length > 0 ? new Set(Object.values(profiles).map((user) => user?.username)) : new Set();
        return names.filter((name) => !known.has(name));
    }, [names, profiles]);
    useQuery<number>([USER, 'mentioned', ...names], async () => {
        const users = await getUsersByName(missing);
        store.dispatch(receivedUsers(users));
        return users.length;
    }, {
        enabled: missing.length > 0,
        staleTime: Infinity,
        retry: (failures, error) => isTransient(error) && failures < MOST_REPETITIONS,
    });
}

/** A function that names people as the host does. */
export function useDisplayName(): (user: User) => string {
    const setting = useSelector(nameSetting);
    return (user) => displayName(user, setting);
}
