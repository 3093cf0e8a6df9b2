// @vitest-environment node

import {readFileSync} from 'fs';
import path from 'path';

import {expect, it} from 'vitest';
import {parse} from 'yaml';

import {aPlaybook, anIncident, aStage, aTask} from 'src/testing/factories';
import {CommanderInfo, IncidentMetadata, StatusPost, TaskDraft, TaskRun} from 'src/types/incident';

interface Schema {
    type?: string;
    $ref?: string;
    required?: string[];
    properties?: Record<string, Schema>;
    items?: Schema;
}

// The server's tests check every answer against this description.
const api = parse(readFileSync(path.resolve(__dirname, '../../../server/api/api.yaml'), 'utf8')) as {components: {schemas: Record<string, Schema>}};

function schema(name: string): Schema {
    const found = api.components.schemas[name];
    if (!found) {
        throw new Error(`api.yaml has no schema ${name}`);
    }
    return found;
}

const resolve = (one: Schema): Schema => (one.$ref ? schema(one.$ref.split('/').pop() ?? '') : one);

function typeOf(value: unknown): string {
    if (Array.isArray(value)) {
        return 'array';
    }
    return typeof value === 'number' ? 'integer' : typeof value;
}

const metadata: IncidentMetadata = {channel_name: '', channel_display_name: '', team_name: '', num_members: 0, total_posts: 0};
const commander: CommanderInfo = {user_id: '', username: ''};
const statusPost: StatusPost = {id: '', create_at: 0, delete_at: 0};
const run: TaskRun = {trigger_id: ''};
const draft: Required<TaskDraft> = {title: '', command: '', description: ''};

/** Fields that are not always sent: servers before 2.0.0 do not have them, or the feature is not used. */
const absent: Record<string, string[]> = {
    Incident: ['last_status_at', 'severity', 'roles', 'clock', 'stage_clock', 'existing_channel', 'visibility', 'channel'],
    Checklist: ['limit_seconds'],
    Playbook: ['revision', 'creator_id', 'severity', 'roles', 'channel', 'invitations'],
    Task: ['command_last_editor_id', 'command_edited_at', 'command_last_runner_id', 'assignment'],
};

it.each([
    ['Incident', anIncident()],
    ['Checklist', aStage()],
    ['Task', aTask()],
    ['StatusPost', statusPost],
    ['Playbook', aPlaybook()],
    ['Metadata', metadata],
    ['Commander', commander],
    ['Trigger', run],
])('%s has the fields and types that the server sends', (name, example) => {
    const {properties = {}, required} = schema(name);
    const expected = Object.keys(properties).filter((field) => !absent[name]?.includes(field)).sort();
    expect(Object.keys(example).sort()).toEqual(expected);
    expect(required).toEqual(expect.arrayContaining(expected));
    for (const [field, value] of Object.entries(example)) {
        const {type} = resolve(properties[field] ?? {});
        expect(`${field}: ${type === 'boolean' ? 'boolean' : type}`).toBe(`${field}: ${typeOf(value)}`);
    }
});

it.each([
    ['NewTask', Object.keys(draft)],
    ['TaskEdit', Object.keys(draft)],
    ['TaskMove', ['item_id', 'item_num', 'new_location']],
    ['TaskState', ['new_state']],
    ['TaskAssignee', ['assignee_id']],
    ['CommanderChange', ['commander_id']],
])('%s takes what is sent', (name, fields) => {
    expect(Object.keys(schema(name).properties ?? {})).toEqual(expect.arrayContaining(fields));
});
