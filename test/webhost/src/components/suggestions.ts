import {client} from '../client';
import {store} from '../store';
import {displayName, nameSetting} from '../store/selectors';

export type Suggestion = {
    key: string;
    /** The whole text up to the caret after choosing this one, without the blank that follows. */
    result: string;
    title: string;
    hint?: string;
    description?: string;
};

async function commands(pretext: string, channelId: string): Promise<Suggestion[]> {
    const {currentTeamId} = store.getState().entities.teams;
    const list = await client.commandSuggestions(currentTeamId, channelId, pretext);
    return list.map((one, index) => ({
        key: `${index}:${one.Complete}`,
        result: `/${one.Complete}`,
        title: one.Complete.trim().includes(' ') ? one.Suggestion : `/${one.Suggestion}`,
        hint: one.Hint,
        description: one.Description,
    }));
}

async function people(before: string, term: string, channelId: string): Promise<Suggestion[]> {
    const state = store.getState();
    const {users} = await client.userAutocomplete(state.entities.teams.currentTeamId, channelId, term);
    store.dispatch({type: 'RECEIVED_PROFILES_LIST', data: users});
    return users.map((user) => ({
        key: user.id, result: `${before}@${user.username}`, title: `@${user.username}`,
        description: displayName(user, nameSetting(state) === 'username' ? 'full_name' : nameSetting(state)),
    }));
}

async function channels(before: string, term: string): Promise<Suggestion[]> {
    const list = await client.channelAutocomplete(store.getState().entities.teams.currentTeamId, term);
    store.dispatch({type: 'RECEIVED_CHANNELS', data: list});
    return list.filter((one) => !one.delete_at).map((one) => ({
        key: one.id, result: `${before}~${one.name}`, title: one.display_name, hint: `~${one.name}`,
    }));
}

/** What could come next after this text. */
export async function suggestionsFor(pretext: string, channelId: string, withCommands: boolean): Promise<Suggestion[]> {
    if (withCommands && pretext.startsWith('/')) {
        return commands(pretext, channelId);
    }
    const found = (/(^|[\s(])([@~])([a-z0-9.\-_]*)$/i).exec(pretext);
    if (!found) {
        return [];
    }
    const term = (found[3] ?? '').toLowerCase();
    const before = pretext.slice(0, pretext.length - term.length - 1);
    return found[2] === '@' ? people(before, term, channelId) : channels(before, term);
}
