import {fireEvent, screen, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useReducer} from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {roles as capability} from 'src/capabilities/roles';
import RolesTab from 'src/capabilities/roles/editor_tab';
import TaskAssignment from 'src/capabilities/roles/task_assignment';
import {Draft, draftOf, edit} from 'src/playbook/draft';
import {aPlaybook, aStage, aTask, BORIS, ME, TEAM} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';
import {PlaybookRole, ROLE_LIMITS} from 'src/types/roles';

beforeEach(() => {
    freshHost();
    fakeServer({'GET host:/users': {body: [BORIS, ME]}});
});

const COMMUNICATIONS: PlaybookRole = {key: 'communications', name: 'Communications', description: 'Talks to customers.', default: {kind: 'none', user_id: ''}};
const SCRIBE: PlaybookRole = {key: 'scribe', name: 'Scribe', description: '', default: {kind: 'starter', user_id: ''}};

let draft: Draft;

function Editor({initial}: {initial: Draft}) {
    const [now, dispatch] = useReducer(edit, initial);
    draft = now;
    return (
        <>
            <RolesTab
                teamId={TEAM.id}
                draft={now}
                dispatch={dispatch}
                unsaved={undefined}
                setUnsaved={() => undefined}
                isChecked={false}
            />
            {now.stages.flatMap(({tasks}) => tasks).map((task) => (
                <TaskAssignment
                    key={task.key}
                    teamId={TEAM.id}
                    name={task.title}
                    own={now.own}
                    isNew={false}
                    {...{task, dispatch}}
                />
            ))}
        </>
    );
}

function show(roles: PlaybookRole[] = [], tasks = [aTask({title: 'Tell customers'})]) {
    renderWithHost(<Editor initial={draftOf(aPlaybook({checklists: [aStage({items: tasks})], ...(roles.length > 0 && {roles})}))}/>);
}

const add = () => userEvent.click(screen.getByRole('button', {name: 'Add a Role'}));
const fields = (index: number) => within(screen.getAllByTestId('role-fields')[index]!);
const names = () => (draft.own.roles ?? []).map(({name}) => name);
const isValid = () => capability.editorTab!.isValid!(draft);
const task = () => draft.stages[0]!.tasks[0]!;

describe('the roles of a playbook', () => {
    it('are added, with a key from the name that stays', async () => {
        show();
        await add();
        expect(fields(0).getByLabelText('Name of role 1')).toHaveFocus();
        expect(isValid()).toBe(false);
        await userEvent.keyboard('Operations');
        await userEvent.tab();
        await userEvent.keyboard('Mends it.');
        expect(draft.own.roles).toEqual([{key: 'operations', name: 'Operations', description: 'Mends it.', default: {kind: 'none', user_id: ''}}]);
        fireEvent.change(fields(0).getByLabelText('Name of role 1'), {target: {value: 'Ops'}});
        fireEvent.blur(fields(0).getByLabelText('Name of role 1'));
        expect(draft.own.roles?.[0]).toMatchObject({key: 'operations', name: 'Ops'});
        expect(isValid()).toBe(true);
    });

    it('need names, each another one', async () => {
        show([COMMUNICATIONS]);
        await add();
        expect(screen.queryByText('The role needs a name.')).not.toBeInTheDocument();
        await userEvent.tab();
        expect(screen.getByText('The role needs a name.')).toBeInTheDocument();
        fireEvent.change(fields(1).getByLabelText('Name of role 2'), {target: {value: ' communications '}});
        expect(screen.getByText('Another role has this name.')).toBeInTheDocument();
        expect(isValid()).toBe(false);
    });

    it('are put in another order, with the keyboard too', async () => {
        show([COMMUNICATIONS, SCRIBE]);
        await userEvent.click(screen.getByRole('button', {name: 'Move down: Communications'}));
        expect(names()).toEqual(['Scribe', 'Communications']);
        const up = screen.getByRole('button', {name: 'Move up: Scribe'});
        const down = screen.getByRole('button', {name: 'Move down: Communications'});
        expect(up).toHaveAttribute('aria-disabled', 'true');
        expect(down).toHaveAttribute('aria-disabled', 'true');

        // A button that cannot be pressed any more keeps the focus.
        expect(down).toHaveFocus();
        await userEvent.keyboard('{Enter}');
        await userEvent.click(up);
        expect(names()).toEqual(['Scribe', 'Communications']);
        up.focus();
        await userEvent.tab();
        await userEvent.keyboard('{Enter}');
        expect(names()).toEqual(['Communications', 'Scribe']);
        expect(screen.getByRole('button', {name: 'Move down: Scribe'})).toHaveFocus();
    });

    it('have somebody at the start', async () => {
        show([COMMUNICATIONS]);
        const select = fields(0).getByLabelText('Who has it at the start');
        await userEvent.selectOptions(select, 'Who starts the incident');
        expect(draft.own.roles?.[0]?.default).toEqual({kind: 'starter', user_id: ''});
        await userEvent.selectOptions(select, 'A person');
        expect(draft.own.roles?.[0]?.default.kind).toBe('starter');
        await userEvent.click(fields(0).getByTitle('Choose a person'));
        await userEvent.click(await screen.findByRole('option', {name: /boris/}));
        expect(draft.own.roles?.[0]?.default).toEqual({kind: 'user', user_id: BORIS.id});
        expect(select).toHaveDisplayValue('A person');
        await userEvent.selectOptions(select, 'Nobody');
        expect(draft.own.roles?.[0]?.default).toEqual({kind: 'none', user_id: ''});
    });

    it('are ten at most', () => {
        show(Array.from({length: ROLE_LIMITS.roles}, (_, n) => ({...SCRIBE, key: `r${n}`, name: `Role ${n}`})));
        expect(screen.getByRole('button', {name: 'Add a Role'})).toBeDisabled();
        expect(screen.getByText('A playbook has at most 10 roles.')).toBeInTheDocument();
    });

    it('that no task belongs to are removed at once, and the last one leaves nothing', async () => {
        show([SCRIBE]);
        await userEvent.click(screen.getByRole('button', {name: 'Remove: Scribe'}));
        expect(draft.own.roles).toBeUndefined();
        expect(screen.getByRole('button', {name: 'Add a Role'})).toHaveFocus();
    });

    it('that tasks belong to are removed after a word about the tasks, which then are nobody’s', async () => {
        const ofRole = {kind: 'role', role: 'communications'} as const;
        show([COMMUNICATIONS, SCRIBE], [aTask({assignment: ofRole}), aTask({assignment: ofRole}), aTask({assignment: {kind: 'role', role: 'scribe'}})]);
        expect(fields(0).getByText('2 tasks belong to it.')).toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'Remove: Communications'}));
        const dialog = screen.getByRole('dialog', {name: 'Remove this role?'});
        expect(dialog).toHaveTextContent('2 tasks belong to “Communications”. Without the role they are assigned to nobody.');
        await userEvent.click(within(dialog).getByRole('button', {name: 'Cancel'}));
        expect(names()).toHaveLength(2);
        await userEvent.click(screen.getByRole('button', {name: 'Remove: Communications'}));
        await userEvent.click(screen.getByRole('button', {name: 'Remove Role'}));
        expect(names()).toEqual(['Scribe']);
        expect(draft.stages[0]!.tasks.map(({assignment}) => assignment)).toEqual([undefined, undefined, {kind: 'role', role: 'scribe'}]);
    });
});

describe('the assignment of a task', () => {
    const select = () => screen.getByLabelText('To whom Tell customers is assigned');

    it('is to nobody, the commander or a role', async () => {
        show([COMMUNICATIONS]);
        expect(select()).toHaveDisplayValue('Nobody');
        expect(within(select()).getAllByRole('option').map(({textContent}) => textContent)).toEqual(['Nobody', 'Commander', 'Communications', 'A person']);
        await userEvent.selectOptions(select(), 'Communications');
        expect(task().assignment).toEqual({kind: 'role', role: 'communications'});
        await userEvent.selectOptions(select(), 'Commander');
        expect(task().assignment).toEqual({kind: 'commander'});
        await userEvent.selectOptions(select(), 'Nobody');
        expect(task().assignment).toBeUndefined();
    });

    it('is to a person', async () => {
        show();
        await userEvent.selectOptions(select(), 'A person');
        expect(task().assignment).toBeUndefined();
        await userEvent.click(screen.getByTitle('Choose a person'));
        await userEvent.click(await screen.findByRole('option', {name: /boris/}));
        expect(task().assignment).toEqual({kind: 'user', user_id: BORIS.id});
        expect(screen.getByTitle('Choose a person')).toHaveTextContent('Boris Klein');
    });

    it('to a role that is gone says so', () => {
        show([], [aTask({title: 'Tell customers', assignment: {kind: 'role', role: 'old'}})]);
        expect(select()).toHaveDisplayValue('A role that is gone');
    });
});
