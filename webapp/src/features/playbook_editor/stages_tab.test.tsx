import {fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Route} from 'react-router-dom';
import {beforeEach, expect, it, vi} from 'vitest';

import {PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {playbookPath} from 'src/routes';
import {aPlaybook, aStage, aTask} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';
import {LIMITS} from 'src/types/limits';
import {Playbook} from 'src/types/playbook';

beforeEach(() => {
    freshHost();
});

function open(playbook: Playbook) {
    fakeServer({[`GET /playbooks/${playbook.id}`]: {body: playbook}});
    renderWithHost((
        <Route
            path='/:team/:plugin/playbooks/:id'
            component={PlaybookEditor}
        />
    ), {path: playbookPath('ad-1', playbook.id)});
}

// The DOM of the tests has no PointerEvent.
const pointer = (type: string, at: Element | Document, clientY = 0) => fireEvent(at, new MouseEvent(type, {bubbles: true, button: 0, clientY}));

/** Lays the rows out below one another, 40 pixels each. */
function rowsOfForty() {
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(function box(this: HTMLElement) {
        const at = [...document.querySelectorAll('[data-reorder-id]')].indexOf(this);
        return {top: at * 40, height: 40} as DOMRect;
    });
}

it('drops a task where it is seen to fall, also below a collapsed stage', async () => {
    const [a, b, c, d] = ['A', 'B', 'C', 'D'].map((title) => aTask({title}));
    open(aPlaybook({checklists: [aStage({title: 'One', items: [a!, b!]}), aStage({title: 'Two', items: [c!, d!]})]}));
    await userEvent.click(await screen.findByRole('button', {name: 'Tasks of One'}));
    rowsOfForty();
    const tasksOf = (name: string) => within(screen.getByRole('region', {name})).queryAllByPlaceholderText('Task Name').map((input) => (input as HTMLInputElement).value);
    const drag = (name: string, y: number) => {
        pointer('pointerdown', screen.getByRole('button', {name: `Move ${name}`}));
        pointer('pointermove', document, y);
        pointer('pointerup', document);
    };

    // The rows are: One, Two, C, D.
    drag('D', 90);
    expect(tasksOf('Two')).toEqual(['D', 'C']);
    drag('D', 150);
    expect(tasksOf('Two')).toEqual(['C', 'D']);

    // Below the head of a collapsed stage is its end, which opens to show what fell there.
    drag('D', 30);
    expect(tasksOf('One')).toEqual(['A', 'B', 'D']);
    expect(tasksOf('Two')).toEqual(['C']);
});

it('shows where a task would fall', async () => {
    open(aPlaybook({checklists: [aStage({title: 'One', items: [aTask({title: 'A'}), aTask({title: 'B'})]}), aStage({title: 'Two', items: [aTask({title: 'C'})]})]}));
    const grip = await screen.findByRole('button', {name: 'Move B'});
    rowsOfForty();
    pointer('pointerdown', grip);
    pointer('pointermove', document, 30);
    expect(screen.getByDisplayValue('A').closest('[data-reorder-id]')).toHaveAttribute('data-drop', 'before');
    pointer('pointermove', document, 100);
    expect(document.querySelector('[data-drop]')).toBeNull();
    pointer('pointerup', document);

    // At the end of a stage, not above the next one.
    pointer('pointerdown', screen.getByRole('button', {name: 'Move C'}));
    pointer('pointermove', document, 110);
    expect(document.querySelector('[data-drop]')).toHaveTextContent('+ New Task');
    pointer('pointerup', document);
    expect(document.querySelector('[data-drop]')).toBeNull();
    expect(within(screen.getByRole('region', {name: 'One'})).getAllByPlaceholderText('Task Name')).toHaveLength(3);
});

it('keeps the focus near a task or stage that is removed', async () => {
    open(aPlaybook({checklists: [aStage({title: 'One', items: [aTask({title: 'A'}), aTask({title: 'B'})]}), aStage({title: 'Two', items: []})]}));
    const remove = async (of: string, entry: string) => {
        await userEvent.click(await screen.findByRole('button', {name: `Actions for ${of}`}));
        await userEvent.click(screen.getByRole('menuitem', {name: entry}));
        const question = screen.queryByRole('dialog');
        if (question) {
            await userEvent.click(within(question).getByRole('button', {name: entry}));
        }
    };
    await remove('A', 'Delete Task');
    await waitFor(() => expect(screen.getByRole('button', {name: 'Move B'})).toHaveFocus());
    await remove('B', 'Delete Task');
    await waitFor(() => expect(screen.getByRole('button', {name: 'Move the stage One'})).toHaveFocus());
    await remove('the stage Two', 'Remove Stage');
    await waitFor(() => expect(screen.getByRole('button', {name: 'Move the stage One'})).toHaveFocus());
    await remove('the stage One', 'Remove Stage');
    await waitFor(() => expect(screen.getByRole('button', {name: '+ New Stage'})).toHaveFocus());
});

it('descriptions are written in the direction of what is typed', async () => {
    open(aPlaybook({checklists: [aStage({items: [aTask({description: '**מה** קרה'})]})]}));
    expect(await screen.findByLabelText('Description')).toHaveAttribute('dir', 'auto');
});

it('says why nothing more can be added', async () => {
    const limits = {...LIMITS};
    Object.assign(LIMITS, {stages: 2, tasks: 3, members: 1});
    open(aPlaybook({checklists: [aStage()]}));
    await screen.findByText('A playbook is shared with at most 1 person.');
    expect(screen.getByRole('button', {name: 'Add People'})).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(screen.getByRole('button', {name: '+ New Stage'}));
    expect(screen.getByText('A playbook has at most 2 stages and 3 tasks.')).toBeInTheDocument();
    expect(screen.getByRole('button', {name: '+ New Stage'})).toBeDisabled();
    Object.assign(LIMITS, limits);
});
