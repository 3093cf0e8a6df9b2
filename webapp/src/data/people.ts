import {listUsers, searchUsers, UserPage, UserScope} from 'src/client/host';
import {User} from 'src/types/host_rest';

/** Where a selector gets the people it offers. */
export interface PeopleSource {
    /** Names what is offered; sources with the same key offer the same. */
    key: string;
    load(page: number, signal?: AbortSignal): Promise<UserPage>;
    search(term: string, signal?: AbortSignal): Promise<User[]>;
}

const pages = new Map<string, Promise<UserPage>>();

const keyOf = (scope: UserScope) => [scope.team_id, scope.in_channel, scope.not_in_channel].map((part) => part ?? '').join('/');

/**
 * People of a team or channel. The members of a channel are asked for once and shared by all selectors until they change;
 * no event tells who comes to or leaves the team, so the others are asked for each time.
 */
export function peopleOf(scope: UserScope): PeopleSource {
    const key = keyOf(scope);
    return {
        key,
        load(page, signal) {
            if (!scope.in_channel) {
                return listUsers(scope, page, signal);
            }
            const pageKey = `${key}/${page}`;
            let answer = pages.get(pageKey);
            if (!answer) {
                answer = listUsers(scope, page);
                pages.set(pageKey, answer);
                answer.catch(() => pages.delete(pageKey));
            }
            return answer;
        },
        search: (term, signal) => searchUsers(scope, term, signal),
    };
}

/** Someone joined or left a channel, or the connection was lost: what is known about memberships of it is out of date. */
export function forgetPeople(channelId = ''): void {
    [...pages.keys()].filter((key) => key.includes(channelId)).forEach((key) => pages.delete(key));
}
