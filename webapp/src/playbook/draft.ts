import {Stage, Task} from 'src/types/incident';
import {Playbook, PlaybookOwn} from 'src/types/playbook';
import {Assignment} from 'src/types/roles';
import {moved} from 'src/store/merge';

export interface DraftTask {
    /** Stable for the life of the editor, also when something is typed or moved. */
    key: string;

    /** '' until the server has given one. */
    id: string;
    title: string;
    command: string;
    description: string;

    /** Absent is nobody. */
    assignment?: Assignment;
}

export interface DraftStage {
    key: string;
    id: string;
    title: string;
    tasks: DraftTask[];

    /** Absent or 0 is without a limit. */
    limitSeconds?: number;
}

/** What the editor edits. */
export interface Draft {
    title: string;
    description: string;
    isPublic: boolean;
    stages: DraftStage[];
    memberIds: string[];
    broadcastChannelId: string;
    reminderTemplate: string;
    reminderSeconds: number;

    /** What capabilities keep in the playbook itself; it is saved with it. */
    own: PlaybookOwn;

    /** Unsaved changes of what capabilities store for the playbook, by the key of their tab. */
    added: Record<string, unknown>;
}

let last = 0;
const newKey = () => `new-${++last}`;

export const newTask = (task: Partial<DraftTask> = {}): DraftTask => ({key: newKey(), id: '', title: '', command: '', description: '', ...task});
export const newStage = (title: string, tasks = [newTask()]): DraftStage => ({key: newKey(), id: '', title, tasks});

export function emptyDraft(memberId: string, stages: DraftStage[], title = ''): Draft {
    return {title, description: '', isPublic: false, stages, memberIds: [memberId], broadcastChannelId: '', reminderTemplate: '', reminderSeconds: 0, own: {}, added: {}};
}

const OWN_KEYS = ['severity', 'roles', 'channel', 'invitations'] as const;

/** The part of a playbook, or of what is sent of it, that capabilities keep there. */
function ownOf({severity, roles, channel, invitations}: PlaybookOwn): PlaybookOwn {
    return {...(severity && {severity}), ...(roles && {roles}), ...(channel && {channel}), ...(invitations && {invitations})};
}

export function draftOf(playbook: Playbook): Draft {
    return {
        title: playbook.title,
        description: playbook.description,
        isPublic: playbook.create_public_incident,
        stages: playbook.checklists.map((stage) => ({
            key: newKey(),
            id: stage.id ?? '',
            title: stage.title,
            tasks: (stage.items ?? []).map(({id = '', title, command, description, assignment}) => newTask({id, title, command, description, ...(assignment && {assignment})})),
            ...(stage.limit_seconds && {limitSeconds: stage.limit_seconds}),
        })),
        memberIds: [...new Set(playbook.member_ids)],
        broadcastChannelId: playbook.broadcast_channel_id,
        reminderTemplate: playbook.reminder_message_template,
        reminderSeconds: playbook.reminder_timer_default_seconds,
        own: ownOf(playbook),
        added: {},
    };
}

/** Titles that stand in where nothing was typed. */
export interface Defaults {
    playbook: string;
    stage: string;
    task: string;
}

/** Of what was taken out. The type of what is sent knows no null, because the server never sends one. */
const cleared = (keys: readonly string[]): object => Object.fromEntries(keys.map((key) => [key, null]));

/** A task keeps its stored assignment when none is sent, for clients of version 1.2.0; `wasAssigned` says whether there is one. */
function toTask({id, title, command, description, assignment}: DraftTask, wasAssigned: boolean, defaults: Defaults): Task {
    return {
        id,
        title: title.trim() || defaults.task,
        command: command.trim(),
        description,
        state: '',
        state_modified: 0,
        state_modified_post_id: '',
        assignee_id: '',
        assignee_modified: 0,
        assignee_modified_post_id: '',
        command_last_run: 0,
        ...(assignment ? {assignment} : cleared(wasAssigned ? ['assignment'] : [])),
    };
}

/**
 * What the draft has of capabilities. What was taken out is sent as null: the server keeps what is absent, for clients of version
 * 1.2.0.
 */
function toOwn(draft: Draft, base: PlaybookOwn): PlaybookOwn {
    const removed = OWN_KEYS.filter((key) => base[key] !== undefined && draft.own[key] === undefined);
    return {...cleared(removed), ...ownOf(draft.own)};
}

/** What is sent; `base` is the playbook that was opened, or what a new one starts with. */
export function toPlaybook(draft: Draft, base: Pick<Playbook, 'id' | 'team_id' | 'create_at' | 'delete_at'> & PlaybookOwn & Partial<Pick<Playbook, 'checklists'>>, defaults: Defaults): Playbook {
    const assigned = new Set((base.checklists ?? []).flatMap(({items}) => items ?? []).filter(({assignment}) => assignment).map(({id}) => id));
    const checklists: Stage[] = draft.stages.map(({id, title, tasks, limitSeconds}) => ({
        id,
        title: title.trim() || defaults.stage,
        items: tasks.map((task) => toTask(task, assigned.has(task.id), defaults)),
        ...(limitSeconds !== undefined && {limit_seconds: limitSeconds}),
    }));
    return {
        id: base.id,
        team_id: base.team_id,
        create_at: base.create_at,
        delete_at: base.delete_at,
        title: draft.title.trim() || defaults.playbook,
        description: draft.description,
        create_public_incident: draft.isPublic,
        checklists,
        num_stages: checklists.length,
        num_steps: checklists.reduce((sum, {items}) => sum + items.length, 0),
        member_ids: draft.memberIds,
        broadcast_channel_id: draft.broadcastChannelId,
        reminder_message_template: draft.reminderTemplate,
        reminder_timer_default_seconds: draft.reminderSeconds,
        ...toOwn(draft, base),
    };
}

const plain = (draft: Draft) => JSON.stringify({
    ...draft,
    own: ownOf(draft.own),
    stages: draft.stages.map(({id, title, tasks, limitSeconds}) => ({
        id,
        title,
        limit: limitSeconds || 0,
        tasks: tasks.map((task) => [task.id, task.title, task.command, task.description, task.assignment]),
    })),
});

/** Whether two drafts would be saved as the same; what was retyped as it was does not count. */
export const isSame = (a: Draft, b: Draft) => a === b || plain(a) === plain(b);

/** Whether somebody else has changed the playbook between two readings of it. */
export const isChanged = (before: Playbook, now: Playbook) => !isSame(draftOf(before), draftOf(now));

export type Edit =
    | {type: 'open'; draft: Draft}
    | {type: 'set'; values: Partial<Omit<Draft, 'stages'>>}
    | {type: 'set_own'; values: PlaybookOwn | ((own: PlaybookOwn) => PlaybookOwn)}
    | {type: 'set_added'; key: string; value: unknown}
    | {type: 'add_member'; id: string}
    | {type: 'add_stage'; stage: DraftStage}
    | {type: 'name_stage'; stage: string; title: string}
    | {type: 'limit_stage'; stage: string; seconds: number}
    | {type: 'remove_stage'; stage: string}
    | {type: 'move_stage'; stage: string; to: number}
    | {type: 'add_task'; stage: string; task: DraftTask}
    | {type: 'set_task'; task: string; values: Partial<DraftTask>}
    | {type: 'remove_task'; task: string}
    | {type: 'move_task'; task: string; stage: string; to: number};

const mapStage = (draft: Draft, key: string, change: (stage: DraftStage) => DraftStage): Draft => ({
    ...draft,
    stages: draft.stages.map((stage) => (stage.key === key ? change(stage) : stage)),
});

const stageOf = (draft: Draft, task: string) => draft.stages.find(({tasks}) => tasks.some(({key}) => key === task));

function moveTask(draft: Draft, key: string, target: string, to: number): Draft {
    const task = stageOf(draft, key)?.tasks.find((one) => one.key === key);
    if (!task || !draft.stages.some((stage) => stage.key === target)) {
        return draft;
    }
    const without = {...draft, stages: draft.stages.map((stage) => (stage.tasks.includes(task) ? {...stage, tasks: stage.tasks.filter((one) => one !== task)} : stage))};
    return mapStage(without, target, (stage) => ({...stage, tasks: [...stage.tasks.slice(0, to), task, ...stage.tasks.slice(to)]}));
}

export function edit(draft: Draft, action: Edit): Draft {
    switch (action.type) {
    case 'open':
        return action.draft;
    case 'set':
        return {...draft, ...action.values};
    case 'set_own':
        return {...draft, own: {...draft.own, ...(typeof action.values === 'function' ? action.values(draft.own) : action.values)}};
    case 'set_added':
        return {...draft, added: Object.fromEntries(Object.entries({...draft.added, [action.key]: action.value}).filter(([, value]) => value !== undefined))};
    case 'add_member':
        return {...draft, memberIds: [...new Set([...draft.memberIds, action.id])]};
    case 'add_stage':
        return {...draft, stages: [...draft.stages, action.stage]};
    case 'name_stage':
        return mapStage(draft, action.stage, (stage) => ({...stage, title: action.title}));
    case 'limit_stage':
        return mapStage(draft, action.stage, (stage) => ({...stage, limitSeconds: action.seconds}));
    case 'remove_stage':
        return {...draft, stages: draft.stages.filter(({key}) => key !== action.stage)};
    case 'move_stage': {
        const from = draft.stages.findIndex(({key}) => key === action.stage);
        return from < 0 || action.to < 0 || action.to >= draft.stages.length ? draft : {...draft, stages: moved(draft.stages, from, action.to)};
    }
    case 'add_task':
        return mapStage(draft, action.stage, (stage) => ({...stage, tasks: [...stage.tasks, action.task]}));
    case 'set_task': {
        const stage = stageOf(draft, action.task);
        return stage ? mapStage(draft, stage.key, (old) => ({
            ...old,
            tasks: old.tasks.map((task) => (task.key === action.task ? {...task, ...action.values} : task)),
        })) : draft;
    }
    case 'remove_task': {
        const stage = stageOf(draft, action.task);
        return stage ? mapStage(draft, stage.key, (old) => ({...old, tasks: old.tasks.filter(({key}) => key !== action.task)})) : draft;
    }
    case 'move_task':
        return moveTask(draft, action.task, action.stage, action.to);
    default:
        return draft;
    }
}

/** Keys of the stages whose tasks are not shown. */
export type Collapsed = ReadonlySet<string>;

/**
 * Rows of the editor that are shown, from top to bottom, stages and their tasks; sorting works on these, so a task can be
 * moved into any stage.
 */
export const rowsOf = (draft: Draft, collapsed: Collapsed) =>
    draft.stages.flatMap((stage) => [stage.key, ...(collapsed.has(stage.key) ? [] : stage.tasks.map(({key}) => key))]);

/** The edit that puts a row where it was dropped: after `to` of the other rows that are shown. */
export function dropEdit(draft: Draft, collapsed: Collapsed, key: string, to: number): Extract<Edit, {type: 'move_stage' | 'move_task'}> {
    const before = rowsOf(draft, collapsed).filter((row) => row !== key).slice(0, to);
    const stageKeys = new Set(draft.stages.map((stage) => stage.key));
    if (stageKeys.has(key)) {
        return {type: 'move_stage', stage: key, to: before.filter((row) => stageKeys.has(row)).length};
    }
    const headAt = before.map((row) => stageKeys.has(row)).lastIndexOf(true);
    const stage = headAt < 0 ? draft.stages[0]?.key ?? '' : before[headAt] ?? '';
    if (collapsed.has(stage) && headAt >= 0) {
        return {type: 'move_task', task: key, stage, to: draft.stages.find((one) => one.key === stage)?.tasks.length ?? 0};
    }
    return {type: 'move_task', task: key, stage, to: headAt < 0 ? 0 : before.length - headAt - 1};
}

/** The place below all stages. */
export const BELOW_ALL = 'below-all';

/** The place below all tasks of a stage. */
export const endOf = (stage: string) => `end-${stage}`;

/** Before which row, or at which end, a row falls that is dropped there. */
export function dropPlace(draft: Draft, collapsed: Collapsed, key: string, to: number): string {
    const change = dropEdit(draft, collapsed, key, to);
    const others = <T extends {key: string}>(all: T[] = []) => all.filter((one) => one.key !== key);
    if (change.type === 'move_stage') {
        return others(draft.stages)[change.to]?.key ?? BELOW_ALL;
    }
    return others(draft.stages.find((stage) => stage.key === change.stage)?.tasks)[change.to]?.key ?? endOf(change.stage);
}

/** The edit that moves a task one place up or down, over the border of its stage too; undefined at the very ends. */
export function stepEdit(draft: Draft, task: string, by: -1 | 1): Extract<Edit, {type: 'move_task'}> | undefined {
    const stageAt = draft.stages.findIndex(({tasks}) => tasks.some(({key}) => key === task));
    const stage = draft.stages[stageAt];
    if (!stage) {
        return undefined;
    }
    const to = stage.tasks.findIndex(({key}) => key === task) + by;
    if (to >= 0 && to < stage.tasks.length) {
        return {type: 'move_task', task, stage: stage.key, to};
    }
    const neighbour = draft.stages[stageAt + by];
    return neighbour && {type: 'move_task', task, stage: neighbour.key, to: by < 0 ? neighbour.tasks.length : 0};
}
