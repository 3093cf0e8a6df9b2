import {useEffect} from 'react';
import {useSelector, useStore} from 'react-redux';

import {getUsers} from 'src/client/host';
import {Observable, useObserved} from 'src/data/observable';
import {backOff, isTransient, MOST_REPETITIONS} from 'src/data/retry';
import {HostState, HostStore, nameSetting, displayName, receivedUsers, userById} from 'src/host/store';
import {User} from 'src/types/host_rest';

const GATHER_MS = 20;
const MOST_PER_REQUEST = 100;

const wanted = new Set<string>();
const asked = new Set<string>();
let timer: number | undefined;
let failures = 0;

/** Counts how often all that was asked for has been forgotten; components ask again then. */
class Rounds extends Observable {
    current = 0;

    next(): void {
        this.current++;
        this.notify();
    }
}

const rounds = new Rounds();

function askIn(milliseconds: number, store: HostStore): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(store), milliseconds);
}

async function ask(store: HostStore): Promise<void> {
    const round = rounds.current;
    const ids = [...wanted].filter((id) => !asked.has(id) && !userById(store.getState(), id));
    wanted.clear();
    for (let i = 0; i < ids.length; i += MOST_PER_REQUEST) {
        const some = ids.slice(i, i + MOST_PER_REQUEST);
        some.forEach((id) => asked.add(id));
        try {
            store.dispatch(receivedUsers(await getUsers(some)));
            failures = 0;
        } catch (cause) {
            if (round !== rounds.current) {
                return;
            }
            // Until they are there a placeholder stands for the name.
            some.forEach((id) => asked.delete(id));
            if (isTransient(cause) && failures < MOST_REPETITIONS) {
                some.forEach((id) => wanted.add(id));
                askIn(backOff(++failures), store);
            }
        }
    }
}

/** Has the profiles of all given users loaded into the host's store, with one request for all that were named about now. */
export function wantUsers(store: HostStore, ids: string[]): void {
    const missing = ids.filter((id) => id && !asked.has(id) && !userById(store.getState(), id));
    if (missing.length) {
        missing.forEach((id) => wanted.add(id));
        askIn(GATHER_MS, store);
    }
}

/** Users that were asked for without success may be asked for again; those who are needed on the screen are, at once. */
export function forgetAskedUsers(): void {
    window.clearTimeout(timer);
    wanted.clear();
    asked.clear();
    failures = 0;
    rounds.next();
}

/** A person's profile, loaded when necessary; undefined until it is there or when there is no such user. */
export function useUser(id: string): User | undefined {
    const store = useStore<HostState>();
    const user = useSelector((state: HostState) => userById(state, id));
    const round = useObserved(rounds, () => rounds.current);
    useEffect(() => wantUsers(store, [id]), [store, id, round]);
    return user;
}

/** A function that names people as the host does. */
export function useDisplayName(): (user: User) => string {
    const setting = useSelector(nameSetting);
    return (user) => displayName(user, setting);
}
