import type {Channel, Dictionary, Team, User} from '../types';

import type {State} from './types';

export const me = (state: State): User | undefined => state.entities.users.profiles[state.entities.users.currentUserId];

export const currentTeam = (state: State): Team | undefined =>
    state.entities.teams.teams[state.entities.teams.currentTeamId];

export const currentChannel = (state: State): Channel | undefined =>
    state.entities.channels.channels[state.entities.channels.currentChannelId];

export const myTeams = (state: State): Team[] => Object.keys(state.entities.teams.myMembers).
    map((id) => state.entities.teams.teams[id]).
    filter((team): team is Team => Boolean(team) && !team?.delete_at).
    sort((a, b) => a.display_name.localeCompare(b.display_name));

/** The other person's id of a direct channel; one's own in the channel with oneself. */
export function teammateId(channel: Channel, myId: string): string {
    const [first = '', second = ''] = channel.name.split('__');
    return first === myId ? second : first;
}

export function preference(state: State, category: string, name: string, fallback = ''): string {
    return state.entities.preferences.myPreferences[`${category}--${name}`]?.value ?? fallback;
}

/** A person's name as the user or the server wants names shown. */
export function displayName(user: User | undefined, setting: string): string {
    if (!user) {
        return 'Someone';
    }
    const full = `${user.first_name} ${user.last_name}`.trim();
    if (setting === 'full_name') {
        return full || user.username;
    }
    if (setting === 'nickname_full_name') {
        return user.nickname || full || user.username;
    }
    return user.username;
}

export const nameSetting = (state: State): string => preference(state, 'display_settings', 'name_format',
    state.entities.general.config.TeammateNameDisplay ?? 'username');

export function channelTitle(state: State, channel: Channel): string {
    if (channel.type === 'D') {
        const myId = state.entities.users.currentUserId;
        const id = teammateId(channel, myId);
        const name = displayName(state.entities.users.profiles[id], nameSetting(state));
        return id === myId ? `${name} (you)` : name;
    }
    if (channel.type === 'G') {
        const mine = me(state)?.username;
        return channel.display_name.split(', ').filter((name) => name !== mine).join(', ');
    }
    return channel.display_name;
}

export type ChannelGroups = {public: Channel[]; private: Channel[]; direct: Channel[]};

export function myChannels(state: State): ChannelGroups {
    const {channels, myMembers} = state.entities.channels;
    const teamId = state.entities.teams.currentTeamId;
    const groups: ChannelGroups = {public: [], private: [], direct: []};
    for (const id of Object.keys(myMembers)) {
        const channel = channels[id];
        if (!channel || channel.delete_at) {
            continue;
        }
        if (channel.team_id === teamId) {
            groups[channel.type === 'O' ? 'public' : 'private'].push(channel);
        } else if (!channel.team_id) {
            groups.direct.push(channel);
        }
    }
    const byTitle = (a: Channel, b: Channel) => channelTitle(state, a).localeCompare(channelTitle(state, b));
    groups.public.sort(byTitle);
    groups.private.sort(byTitle);
    groups.direct.sort((a, b) => b.last_post_at - a.last_post_at);
    return groups;
}

type ChannelNames = Dictionary<{display_name: string; team_name: string}>;

let lastNames: {channels: unknown; team: unknown; names: ChannelNames} = {channels: null, team: null, names: {}};

/** The current team's channels by URL name, as the Markdown renderer wants them. The same object while nothing changed. */
export function channelNames(state: State): ChannelNames {
    const team = currentTeam(state);
    const {channels} = state.entities.channels;
    if (lastNames.channels !== channels || lastNames.team !== team) {
        const ofTeam = Object.values(channels).filter((channel) => team && channel.team_id === team.id);
        const entries = ofTeam.map((channel) =>
            [channel.name, {display_name: channel.display_name, team_name: team?.name ?? ''}]);
        lastNames = {channels, team, names: Object.fromEntries(entries)};
    }
    return lastNames.names;
}

export function locale(state: State): string {
    return me(state)?.locale || state.entities.general.config.DefaultClientLocale || 'en';
}
