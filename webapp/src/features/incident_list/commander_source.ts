import {listCommanders} from 'src/client/incidents';
import {PeopleSource} from 'src/store/members';
import {wantUsers} from 'src/store/users';
import {HostStore, userById} from 'src/host/store';
import {CommanderInfo} from 'src/types/incident';
import {User} from 'src/types/host_rest';

/** A commander by what is known: the profile where the host has it, else the user name of the answer. */
function asUser(store: HostStore, {user_id: id, username}: CommanderInfo): User {
    return userById(store.getState(), id) ?? {id, username, first_name: '', last_name: '', nickname: ''};
}

/** Everybody who commands or commanded an incident of the team; asked again each time the list is opened. */
export function commandersOf(store: HostStore, teamId: string): PeopleSource {
    const load = async (signal?: AbortSignal) => {
        const found = await listCommanders(teamId, signal);
        wantUsers(store, found.map(({user_id: id}) => id));
        return found.map((one) => asUser(store, one));
    };
    return {
        key: `commanders:${teamId}`,
        load: async (_page, signal) => ({users: await load(signal), hasMore: false}),
        search: async (term, signal) => {
            const wanted = term.toLowerCase();
            return (await load(signal)).filter(({username, first_name: first, last_name: last, nickname}) =>
                [username, `${first} ${last}`, nickname].some((name) => name.toLowerCase().includes(wanted)));
        },
    };
}
