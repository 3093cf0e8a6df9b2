// Reducers for entities.*. State shape and action names are those of the Mattermost web client,
// because plugins read the one and dispatch the other.
import {combineReducers, type AnyAction} from 'redux';

import type {Channel, ChannelMember, Dictionary, Membership, Preference, Team, User} from '../types';

import {posts} from './posts';
import type {State} from './types';

type Entities = State['entities'];

function byId<T extends {id: string}>(state: Dictionary<T>, list: T[]): Dictionary<T> {
    const next = {...state};
    for (const one of list) {
        next[one.id] = one;
    }
    return next;
}

function without<T>(state: Dictionary<T>, key: string): Dictionary<T> {
    if (!(key in state)) {
        return state;
    }
    const next = {...state};
    delete next[key];
    return next;
}

const add = (state: Dictionary<Set<string>>, key: string, ids: string[]) =>
    ({...state, [key]: new Set([...(state[key] ?? []), ...ids])});

function general(state: Entities['general'] = {config: {}, license: {}, serverVersion: ''}, action: AnyAction) {
    switch (action.type) {
    case 'CLIENT_CONFIG_RECEIVED':
        return {...state, config: action.data, serverVersion: action.data.Version};
    case 'CLIENT_LICENSE_RECEIVED':
        return {...state, license: action.data};
    default:
        return state;
    }
}

function profiles(state: Dictionary<User> = {}, action: AnyAction): Dictionary<User> {
    switch (action.type) {
    case 'RECEIVED_ME':
    case 'RECEIVED_PROFILE':
        return {...state, [action.data.id]: {...state[action.data.id], ...action.data}};
    case 'RECEIVED_PROFILES':
        return {...state, ...action.data};
    case 'RECEIVED_PROFILES_LIST':
    case 'RECEIVED_PROFILES_LIST_IN_TEAM':
    case 'RECEIVED_PROFILES_LIST_IN_CHANNEL':
    case 'RECEIVED_PROFILES_LIST_NOT_IN_CHANNEL':
        return byId(state, action.data);
    default:
        return state;
    }
}

function currentUserId(state = '', action: AnyAction): string {
    return action.type === 'RECEIVED_ME' ? action.data.id : state;
}

function profilesInTeam(state: Dictionary<Set<string>> = {}, action: AnyAction) {
    switch (action.type) {
    case 'RECEIVED_PROFILES_LIST_IN_TEAM':
        return add(state, action.id, action.data.map((user: User) => user.id));
    case 'RECEIVED_PROFILES_IN_TEAM':
        return add(state, action.id, Object.keys(action.data));
    default:
        return state;
    }
}

function profilesInChannel(state: Dictionary<Set<string>> = {}, action: AnyAction) {
    switch (action.type) {
    case 'RECEIVED_PROFILES_LIST_IN_CHANNEL':
        return add(state, action.id, action.data.map((user: User) => user.id));
    case 'RECEIVED_PROFILES_IN_CHANNEL':
        return add(state, action.id, Object.keys(action.data));
    case 'RECEIVED_PROFILE_IN_CHANNEL':
        return add(state, action.data.id, [action.data.user_id]);
    case 'RECEIVED_PROFILE_NOT_IN_CHANNEL': {
        const next = new Set(state[action.data.id]);
        next.delete(action.data.user_id);
        return {...state, [action.data.id]: next};
    }
    default:
        return state;
    }
}

function statuses(state: Dictionary<string> = {}, action: AnyAction) {
    if (action.type !== 'RECEIVED_STATUSES') {
        return state;
    }
    const next = {...state};
    for (const status of action.data) {
        next[status.user_id] = status.status;
    }
    return next;
}

function teams(
    state: Entities['teams'] = {currentTeamId: '', teams: {}, myMembers: {}, membersInTeam: {}},
    action: AnyAction,
): Entities['teams'] {
    switch (action.type) {
    case 'SELECT_TEAM':
        return {...state, currentTeamId: action.data};
    case 'RECEIVED_TEAM':
        return {...state, teams: byId<Team>(state.teams, [action.data])};
    case 'RECEIVED_TEAMS_LIST':
        return {...state, teams: byId<Team>(state.teams, action.data)};
    case 'RECEIVED_MY_TEAM_MEMBERS':
        return {
            ...state,
            myMembers: Object.fromEntries(action.data.
                filter((member: Membership) => !member.delete_at).
                map((member: Membership) => [member.team_id, member])),
        };
    case 'LEAVE_TEAM':
        return {...state, myMembers: without(state.myMembers, action.data.id)};
    default:
        return state;
    }
}

const channelsInitial: Entities['channels'] = {
    currentChannelId: '', channels: {}, channelsInTeam: {}, myMembers: {}, membersInChannel: {}, stats: {},
};

function receiveChannels(state: Entities['channels'], list: Channel[]): Entities['channels'] {
    const inTeam = {...state.channelsInTeam};
    for (const channel of list) {
        if (!inTeam[channel.team_id]?.has(channel.id)) {
            inTeam[channel.team_id] = new Set(inTeam[channel.team_id]).add(channel.id);
        }
    }
    const merged = list.map((channel) => ({...state.channels[channel.id], ...channel}));
    return {...state, channels: byId(state.channels, merged), channelsInTeam: inTeam};
}

function changeMember(state: Entities['channels'], id: string, change: (member: ChannelMember) => ChannelMember) {
    const member = state.myMembers[id];
    return member ? {...state, myMembers: {...state.myMembers, [id]: change(member)}} : state;
}

function channels(state = channelsInitial, action: AnyAction): Entities['channels'] {
    switch (action.type) {
    case 'SELECT_CHANNEL':
        return {...state, currentChannelId: action.data};
    case 'RECEIVED_CHANNEL':
        return receiveChannels(state, [action.data]);
    case 'RECEIVED_CHANNELS':
        return receiveChannels(state, Array.isArray(action.data) ? action.data : Object.values(action.data));
    case 'RECEIVED_CHANNEL_DELETED': {
        const channel = state.channels[action.data.id];
        return channel ? receiveChannels(state, [{...channel, delete_at: action.data.deleteAt}]) : state;
    }
    case 'RECEIVED_MY_CHANNEL_MEMBERS': {
        // The answer covers one team and the direct channels; what it lacks there is no longer mine.
        const kept = action.teamId ? Object.values(state.myMembers).filter((member) => {
            const team = state.channels[member.channel_id]?.team_id;
            return team !== undefined && team !== '' && team !== action.teamId;
        }) : Object.values(state.myMembers);
        const all = [...kept, ...(action.data as ChannelMember[])];
        return {...state, myMembers: Object.fromEntries(all.map((member) => [member.channel_id, member]))};
    }
    case 'RECEIVED_MY_CHANNEL_MEMBER':
        return {...state, myMembers: {...state.myMembers, [action.data.channel_id]: action.data}};
    case 'LEAVE_CHANNEL': {
        const next = {...state, myMembers: without(state.myMembers, action.data.id)};
        if (action.data.type !== 'P') {
            return next;
        }
        // What one may no longer see is forgotten.
        const inTeam = new Set(state.channelsInTeam[action.data.team_id]);
        inTeam.delete(action.data.id);
        return {
            ...next,
            channels: without(state.channels, action.data.id),
            channelsInTeam: {...state.channelsInTeam, [action.data.team_id]: inTeam},
        };
    }
    case 'RECEIVED_CHANNEL_STATS':
        return {...state, stats: {...state.stats, [action.data.channel_id]: action.data}};
    case 'CHANNEL_READ': {
        const total = state.channels[action.data]?.total_msg_count ?? 0;
        return changeMember(state, action.data, (member) => ({
            ...member, msg_count: total, mention_count: 0, last_viewed_at: Date.now(),
        }));
    }
    case 'CHANNEL_GOT_POST': {
        const channel = state.channels[action.data.id];
        if (!channel) {
            return state;
        }
        const next = receiveChannels(state, [{
            ...channel, total_msg_count: channel.total_msg_count + 1, last_post_at: action.data.at,
        }]);
        return changeMember(next, channel.id, (member) => ({
            ...member,
            msg_count: member.msg_count + (action.data.read ? 1 : 0),
            mention_count: member.mention_count + (action.data.mention && !action.data.read ? 1 : 0),
        }));
    }
    default:
        return state;
    }
}

function preferences(state: Entities['preferences'] = {myPreferences: {}}, action: AnyAction) {
    const key = (one: Preference) => `${one.category}--${one.name}`;
    const next = {...state.myPreferences};
    switch (action.type) {
    case 'RECEIVED_PREFERENCES':
        for (const one of action.data as Preference[]) {
            next[key(one)] = one;
        }
        return {...state, myPreferences: next};
    case 'DELETED_PREFERENCES':
        for (const one of action.data as Preference[]) {
            delete next[key(one)];
        }
        return {...state, myPreferences: next};
    default:
        return state;
    }
}

function integrations(
    state: Entities['integrations'] = {dialogTriggerId: '', dialog: null, commands: {}},
    action: AnyAction,
): Entities['integrations'] {
    switch (action.type) {
    case 'RECEIVED_DIALOG_TRIGGER_ID':
        return {...state, dialogTriggerId: action.data};
    case 'RECEIVED_DIALOG':
        return {...state, dialog: action.data};
    default:
        return state;
    }
}

function roles(state: Entities['roles'] = {roles: {}, pending: new Set()}, action: AnyAction): Entities['roles'] {
    if (action.type !== 'RECEIVED_ROLES') {
        return state;
    }
    const next = {...state.roles};
    for (const role of action.data) {
        next[role.name] = role;
    }
    return {...state, roles: next};
}

export const entities = combineReducers<Entities>({
    general,
    users: combineReducers({currentUserId, profiles, profilesInTeam, profilesInChannel, statuses}),
    teams,
    channels,
    posts,
    preferences,
    integrations,
    roles,
});
