import type {Incident, Stage, Task} from 'src/types/incident';
import type {Channel, Post, Team} from 'src/types/host_rest';
import type {Playbook} from 'src/types/playbook';

import {administrator, Person, unique} from './person';

export type NewTask = {title: string; command?: string; description?: string; assignment?: Task['assignment']};
export type NewStage = {title: string; items: NewTask[]};
export type NewPlaybook = Partial<Omit<Playbook, 'checklists'>> & {checklists?: NewStage[]};
export type NewIncident = {name?: string; description?: string; playbook_id?: string; post_id?: string};

/** `count` stages called First, Second, … of two tasks each. */
export function stages(count: number): NewStage[] {
    return ['First', 'Second', 'Third', 'Fourth'].slice(0, count).map((title) => ({
        title,
        items: [{title: `${title} task one`}, {title: `${title} task two`}],
    }));
}

/** A team of its own for each test, and what the people in it do by REST. The first person is in it from the start. */
export class Workspace {
    private constructor(readonly team: Team) {}

    static async create(...people: Person[]): Promise<Workspace> {
        const name = `team-${unique()}`;
        const team = await (await administrator()).host<Team>('POST', '/teams', {name, display_name: `Team ${name.slice(-5)}`, type: 'O'});
        const workspace = new Workspace(team);
        await workspace.join(...people);
        return workspace;
    }

    async join(...people: Person[]): Promise<void> {
        const admin = await administrator();
        await Promise.all(people.map(({id}) => admin.host('POST', `/teams/${this.team.id}/members`, {team_id: this.team.id, user_id: id})));
    }

    /** A public (O) or private (P) channel, made by the first of its members. */
    async channel(type: 'O' | 'P', owner: Person, ...others: Person[]): Promise<Channel> {
        const name = `channel-${unique()}`;
        const channel = await owner.host<Channel>('POST', '/channels', {team_id: this.team.id, name, display_name: `Channel ${name.slice(-5)}`, type});
        for (const {id} of others) {
            await owner.host('POST', `/channels/${channel.id}/members`, {user_id: id});
        }
        return channel;
    }

    /** The direct channel of two, of one with themself, or the group channel of more. */
    direct(owner: Person, ...others: Person[]): Promise<Channel> {
        const ids = [owner, ...others].map(({id}) => id);
        return ids.length > 2 ?
            owner.host<Channel>('POST', '/channels/group', ids) :
            owner.host<Channel>('POST', '/channels/direct', [ids[0], ids[1] ?? ids[0]]);
    }

    townSquare(by: Person): Promise<Channel> {
        return by.host<Channel>('GET', `/teams/${this.team.id}/channels/name/town-square`);
    }

    /** A playbook of which the maker alone is a member, with public channels and one stage of two tasks unless said otherwise. */
    async playbook(by: Person, fields: NewPlaybook = {}): Promise<Playbook> {
        const {id} = await by.plugin<{id: string}>('POST', '/playbooks', {
            title: `Playbook ${unique()}`, description: '', team_id: this.team.id, create_public_incident: true, member_ids: [by.id],
            checklists: stages(1), ...fields,
        });
        return by.plugin<Playbook>('GET', `/playbooks/${id}`);
    }

    /** An ongoing incident that the person commands. */
    incident(by: Person, fields: NewIncident = {}): Promise<Incident> {
        return by.plugin<Incident>('POST', '/incidents', {
            name: `Incident ${unique()}`, team_id: this.team.id, commander_user_id: by.id, ...fields,
        });
    }

    /** An ongoing incident with these stages, by a playbook of its own. */
    async staged(by: Person, checklists: NewStage[], fields: NewIncident & {playbook?: NewPlaybook} = {}): Promise<Incident> {
        const {playbook: more, ...rest} = fields;
        const playbook = await this.playbook(by, {...more, checklists});
        return this.incident(by, {playbook_id: playbook.id, ...rest});
    }

    async invite(by: Person, incident: Incident, person: Person): Promise<void> {
        await by.host('POST', `/channels/${incident.channel_id}/members`, {user_id: person.id});
    }

    async remove(by: Person, incident: Incident, person: Person): Promise<void> {
        await by.host('DELETE', `/channels/${incident.channel_id}/members/${person.id}`);
    }
}

export const readIncident = (by: Person, {id}: {id: string}) => by.plugin<Incident>('GET', `/incidents/${id}`);
export const endIncident = (by: Person, {id}: {id: string}) => by.plugin('PUT', `/incidents/${id}/end`);
export const restartIncident = (by: Person, {id}: {id: string}) => by.plugin('PUT', `/incidents/${id}/restart`);
export const goToStage = (by: Person, {id}: {id: string}, index: number) => by.plugin('PATCH', `/incidents/${id}`, {active_stage: index});

/** Closes or opens a task; stage and task are positions. */
export const setTask = (by: Person, {id}: {id: string}, stage: number, task: number, state: 'closed' | 'in_progress' | '' = 'closed') =>
    by.plugin('PUT', `/incidents/${id}/checklists/${stage}/item/${task}/state`, {new_state: state});

/** Closes all tasks of a stage. */
export async function closeStage(by: Person, incident: {id: string; checklists: Stage[]}, stage: number): Promise<void> {
    for (const index of incident.checklists[stage]?.items.keys() ?? []) {
        await setTask(by, incident, stage, index);
    }
}

/** Posts a status update and returns its post; the reminder is in seconds, 0 is none. */
export async function updateStatus(by: Person, incident: Incident, message: string, reminder = 0): Promise<Post> {
    await by.plugin('POST', `/incidents/${incident.id}/update-status-dialog`, {
        type: 'dialog_submission', user_id: by.id, channel_id: incident.channel_id, team_id: incident.team_id,
        submission: {message, reminder: String(reminder)},
    });
    const {status_post_ids: ids} = await readIncident(by, incident);
    return by.host<Post>('GET', `/posts/${ids[ids.length - 1]}`);
}

export const writePost = (by: Person, channelId: string, message: string) => by.host<Post>('POST', '/posts', {channel_id: channelId, message});
export const editPost = (by: Person, {id}: {id: string}, message: string) => by.host<Post>('PUT', `/posts/${id}/patch`, {message});
export const deletePost = (by: Person, {id}: {id: string}) => by.host('DELETE', `/posts/${id}`);

/** The posts of a channel, newest first. */
export async function postsOf(by: Person, channelId: string): Promise<Post[]> {
    const {order, posts} = await by.host<{order: string[]; posts: Record<string, Post>}>('GET', `/channels/${channelId}/posts?per_page=60`);
    return order.map((id) => posts[id]).filter((post): post is Post => post !== undefined);
}

/** The channel of an incident. */
export const channelOf = (by: Person, {channel_id: id}: {channel_id: string}) => by.host<Channel>('GET', `/channels/${id}`);
