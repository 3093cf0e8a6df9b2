import {Incident, Stage, Task} from 'src/types/incident';
import {Playbook} from 'src/types/playbook';
import {Post, User} from 'src/types/host_rest';

let last = 0;

/** A fresh id of the host's form. */
export function anId(name = 'id'): string {
    return `${name}${++last}`.toLowerCase().replace(/[^a-z0-9]/g, '').padEnd(26, '0').slice(0, 26);
}

export function aTask(task: Partial<Task> = {}): Task {
    return {
        id: anId('task'),
        title: 'Look at the dashboard',
        state: '',
        state_modified: 0,
        state_modified_post_id: '',
        assignee_id: '',
        assignee_modified: 0,
        assignee_modified_post_id: '',
        command: '',
        command_last_run: 0,
        description: '',
        ...task,
    };
}

export function aStage(stage: Partial<Stage> = {}): Stage {
    return {id: anId('stage'), title: 'Triage', items: [aTask(), aTask({title: 'Call the on-call person'})], ...stage};
}

export const TEAM = {id: 'team1'.padEnd(26, '0'), name: 'ad-1', display_name: 'Operations'};
export const OTHER_TEAM = {id: 'team2'.padEnd(26, '0'), name: 'other', display_name: 'Other'};
export const ME: User = {id: 'me'.padEnd(26, '0'), username: 'anna', first_name: 'Anna', last_name: 'Berg', nickname: ''};
export const BORIS: User = {id: 'boris'.padEnd(26, '0'), username: 'boris', first_name: 'Boris', last_name: 'Klein', nickname: 'bo'};
export const TOWN_SQUARE = {id: 'townsquare'.padEnd(26, '0'), team_id: TEAM.id, name: 'town-square', display_name: 'Town Square', type: 'O', delete_at: 0};

export function anIncident(incident: Partial<Incident> = {}): Incident {
    const checklists = incident.checklists ?? [aStage()];
    const active = incident.active_stage ?? (checklists.length ? 0 : -1);
    return {
        id: anId('incident'),
        name: 'Checkout is down',
        description: '',
        is_active: true,
        commander_user_id: ME.id,
        team_id: TEAM.id,
        channel_id: anId('channel'),
        create_at: Date.now() - (90 * 60 * 1000),
        end_at: 0,
        delete_at: 0,
        active_stage_title: checklists[active]?.title ?? '',
        post_id: '',
        playbook_id: '',
        status_post_ids: [],
        status_posts: [],
        reminder_post_id: '',
        previous_reminder: 0,
        broadcast_channel_id: '',
        reminder_message_template: '',
        revision: 1,
        post_revision: 0,
        ...incident,
        checklists,
        active_stage: active,
    };
}

export function aPost(post: Partial<Post> = {}): Post {
    return {id: anId('post'), channel_id: '', user_id: ME.id, message: 'Still looking', create_at: Date.now() - 60000, edit_at: 0, delete_at: 0, ...post};
}

export function aPlaybook(playbook: Partial<Playbook> = {}): Playbook {
    return {
        id: anId('playbook'),
        title: 'Service outage',
        description: '',
        team_id: TEAM.id,
        create_public_incident: false,
        create_at: 1,
        delete_at: 0,
        num_stages: 1,
        num_steps: 2,
        checklists: [aStage()],
        member_ids: [ME.id],
        broadcast_channel_id: '',
        reminder_message_template: '',
        reminder_timer_default_seconds: 0,
        ...playbook,
    };
}
