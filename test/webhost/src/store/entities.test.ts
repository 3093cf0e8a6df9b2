import {describe, expect, it} from 'vitest';

import {entities} from './entities';

const channel = (id: string, type: string) => ({id, name: id, display_name: id, type, team_id: 't', delete_at: 0, total_msg_count: 0});
const initial = entities(undefined, {type: ''});
const after = (...actions: Array<{type: string} & Record<string, unknown>>) => actions.reduce(entities, initial);

describe('channels', () => {
    const known = after(
        {type: 'RECEIVED_CHANNELS', data: [channel('open', 'O'), channel('secret', 'P')]},
        {type: 'RECEIVED_MY_CHANNEL_MEMBERS', teamId: 't', data: [{channel_id: 'open', msg_count: 0, mention_count: 0}, {channel_id: 'secret', msg_count: 0, mention_count: 0}]},
    );

    it('are known by team', () => {
        expect([...known.channels.channelsInTeam.t ?? []]).toEqual(['open', 'secret']);
    });

    it('stay known after one left a public one, and are forgotten after a private one', () => {
        const left = [channel('open', 'O'), channel('secret', 'P')].
            reduce((state, data) => entities(state, {type: 'LEAVE_CHANNEL', data}), known);
        expect(Object.keys(left.channels.channels)).toEqual(['open']);
        expect(left.channels.myMembers).toEqual({});
    });

    it('lose the memberships a fresh answer for their team lacks, and only these', () => {
        const two = entities(known, {type: 'RECEIVED_MY_CHANNEL_MEMBERS', teamId: 'other', data: []});
        expect(Object.keys(two.channels.myMembers)).toEqual(['open', 'secret']);
        const gone = entities(two, {type: 'RECEIVED_MY_CHANNEL_MEMBERS', teamId: 't', data: [{channel_id: 'open'}]});
        expect(Object.keys(gone.channels.myMembers)).toEqual(['open']);
    });

    it('count what is unread until they are read', () => {
        const got = entities(known, {type: 'CHANNEL_GOT_POST', data: {id: 'open', at: 1, read: false, mention: true}});
        expect(got.channels.channels.open?.total_msg_count).toBe(1);
        expect(got.channels.myMembers.open).toMatchObject({msg_count: 0, mention_count: 1});
        const read = entities(got, {type: 'CHANNEL_READ', data: 'open'});
        expect(read.channels.myMembers.open).toMatchObject({msg_count: 1, mention_count: 0});
    });
});

describe('what plugins dispatch', () => {
    it('fills profiles and the trigger of a dialog', () => {
        const state = after(
            {type: 'RECEIVED_PROFILE', data: {id: 'a', username: 'anna'}},
            {type: 'RECEIVED_PROFILES_LIST_IN_TEAM', id: 't', data: [{id: 'b', username: 'bert'}]},
            {type: 'RECEIVED_DIALOG_TRIGGER_ID', data: 'trigger'},
        );
        expect(Object.keys(state.users.profiles)).toEqual(['a', 'b']);
        expect([...state.users.profilesInTeam.t ?? []]).toEqual(['b']);
        expect(state.integrations.dialogTriggerId).toBe('trigger');
    });
});
