import {useEffect} from 'react';
import {useSelector, useStore} from 'react-redux';

import {getUsers} from 'src/client/host';
import {HostState, HostStore, nameSetting, displayName, receivedUsers, userById} from 'src/host/store';
import {User} from 'src/types/host_rest';

const GATHER_MS = 20;
const MOST_PER_REQUEST = 100;

const wanted = new Set<string>();
const asked = new Set<string>();
let timer: number | undefined;

async function ask(store: HostStore): Promise<void> {
    const ids = [...wanted].filter((id) => !asked.has(id) && !userById(store.getState(), id));
    wanted.clear();
    for (let i = 0; i < ids.length; i += MOST_PER_REQUEST) {
        const some = ids.slice(i, i + MOST_PER_REQUEST);
        some.forEach((id) => asked.add(id));
        try {
            store.dispatch(receivedUsers(await getUsers(some)));
        } catch {
            // Asked again when the next component needs them; until then a placeholder stands for the name.
            some.forEach((id) => asked.delete(id));
        }
    }
}

/** Has the profiles of all given users loaded into the host's store, with one request for all that were named about now. */
export function wantUsers(store: HostStore, ids: string[]): void {
    const missing = ids.filter((id) => id && !asked.has(id) && !userById(store.getState(), id));
    if (missing.length) {
        missing.forEach((id) => wanted.add(id));
        window.clearTimeout(timer);
        timer = window.setTimeout(() => void ask(store), GATHER_MS);
    }
}

/** Users that were asked for without success may be asked for again. */
export function forgetAskedUsers(): void {
    window.clearTimeout(timer);
    wanted.clear();
    asked.clear();
}

/** A person's profile, loaded when necessary; undefined until it is there or when there is no such user. */
export function useUser(id: string): User | undefined {
    const store = useStore<HostState>();
    const user = useSelector((state: HostState) => userById(state, id));
    useEffect(() => wantUsers(store, [id]), [store, id]);
    return user;
}

/** A function that names people as the host does. */
export function useDisplayName(): (user: User) => string {
    const setting = useSelector(nameSetting);
    return (user) => displayName(user, setting);
}
