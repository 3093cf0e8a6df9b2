import {listUsers, searchUsers, UserPage, UserScope} from 'src/client/host';
import {client, limitKept, markStale} from 'src/query/client';
import {User} from 'src/types/host_rest';

/** Where a selector gets the people it offers. */
export interface PeopleSource {
    /** Names what is offered; sources with the same key offer the same. */
    key: string;
    load(page: number, signal?: AbortSignal): Promise<UserPage>;
    search(term: string, signal?: AbortSignal): Promise<User[]>;
}

const MEMBERS = 'channel-members';

/** How many pages of members are kept. */
const MOST_KEPT = 50;

const keyOf = (scope: UserScope) => [scope.team_id, scope.in_channel, scope.not_in_channel].map((part) => part ?? '').join('/');

/**
 * People of a team or channel. The members of a channel are requested once and shared by all selectors until they change;
 * no event tells who comes to or leaves the team, so the others are requested each time.
 */
export function peopleOf(scope: UserScope): PeopleSource {
    const {in_channel: channelId} = scope;
    return {
        key: keyOf(scope),
        load(page, signal) {
            if (!channelId) {
                return listUsers(scope, page, signal);
            }
            return client.fetchQuery({queryKey: [MEMBERS, channelId, page], queryFn: () => listUsers(scope, page), staleTime: Infinity});
        },
        search: (term, signal) => searchUsers(scope, term, signal),
    };
}

/** Somebody has joined or left a channel: its members are requested again when they are needed next; without an id those of all channels. */
export function forgetMembers(channelId = ''): void {
    markStale(channelId ? [MEMBERS, channelId] : [MEMBERS]);
}

limitKept(MEMBERS, MOST_KEPT);
