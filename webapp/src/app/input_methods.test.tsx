import {createEvent, fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useState} from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {taskForms} from 'src/store/task_forms';
import {TaskForm} from 'src/features/incident_sidebar/task_form';
import {CommandField} from 'src/features/playbook_editor/command_field';
import {InlineText} from 'src/features/playbook_editor/inline_text';
import {TaskEditor} from 'src/features/playbook_editor/task_editor';
import {freshHost, renderWithHost} from 'src/testing/host';
import {DotsMenu} from 'src/ui/menu';
import {Modal} from 'src/ui/modal';
import {Picker} from 'src/ui/picker';
import {PopupFrame, usePopup} from 'src/ui/popup';
import {ReorderHandle, useReorder} from 'src/ui/reorder';
import {Tabs} from 'src/ui/tabs';
import {Tooltip} from 'src/ui/tooltip';

beforeEach(() => {
    freshHost();
});

/** How browsers report a key that an input method has taken. */
const reports: Record<string, (at: Element, key: string) => Event> = {
    'while the composition goes on': (at, key) => createEvent.keyDown(at, {key, keyCode: 229, isComposing: true}),
    'as an unnamed key': (at) => createEvent.keyDown(at, {key: 'Process', keyCode: 229, isComposing: true}),
    'without its key code': (at, key) => createEvent.keyDown(at, {key, keyCode: 13, isComposing: true}),
    'after the end of the composition, as in Safari': (at, key) => {
        fireEvent.compositionEnd(at, {data: '田'});
        return createEvent.keyDown(at, {key, keyCode: 229, isComposing: false});
    },
};

interface Place {
    keys: string[];

    /** Shows it, and returns what has the focus and a text that any of the keys would change. */
    show: () => Promise<{at: Element; state: () => unknown}>;
}

function Sortable({onMove}: {onMove: (id: string, to: number) => void}) {
    const {containerRef, drag, start, step} = useReorder({ids: ['a', 'b', 'c'], onMove});
    return (
        <div
            ref={containerRef}
            data-testid='list'
            data-drag={drag?.id}
        >
            {['a', 'b', 'c'].map((id) => (
                <div
                    key={id}
                    data-reorder-id={id}
                >
                    <ReorderHandle
                        {...{id, start, step}}
                        label={id}
                    />
                </div>
            ))}
        </div>
    );
}

function Opened() {
    const popup = usePopup();
    return (
        <PopupFrame
            popup={popup}
            opener={<button onClick={popup.toggle}>{'open'}</button>}
        >
            <input aria-label='inside'/>
        </PopupFrame>
    );
}

function TwoTabs() {
    const [active, setActive] = useState('one');
    return (
        <Tabs
            label='tabs'
            tabs={[{key: 'one', text: 'One'}, {key: 'two', text: 'Two'}]}
            active={active}
            onChoose={setActive}
        >
            {active}
        </Tabs>
    );
}

const rowTools = {startDrag: vi.fn(), step: vi.fn(), remove: vi.fn()};

const places: Record<string, Place> = {
    'the search of a picker': {
        keys: ['Enter', 'ArrowDown', 'ArrowUp'],
        async show() {
            const onChoose = vi.fn();
            const load = async () => ({options: ['boris', 'clara'], hasMore: false});
            renderWithHost(
                <Picker<string>
                    label='people'
                    load={load}
                    search={async () => ['boris', 'clara']}
                    keyOf={(one) => one}
                    render={(one) => one}
                    onChoose={onChoose}
                />,
            );
            await screen.findByText('boris');
            const at = screen.getByRole('combobox');
            return {at, state: () => [onChoose.mock.calls.length, at.getAttribute('aria-activedescendant')]};
        },
    },
    'what is open beside a control': {
        keys: ['Escape'],
        async show() {
            renderWithHost(<Opened/>);
            await userEvent.click(screen.getByText('open'));
            return {at: screen.getByLabelText('inside'), state: () => screen.queryAllByLabelText('inside').length};
        },
    },
    'a dialog': {
        keys: ['Escape', 'Enter'],
        async show() {
            const [close, enter] = [vi.fn(), vi.fn()];
            renderWithHost(
                <Modal
                    title='dialog'
                    onClose={close}
                    onEnter={enter}
                >
                    <div tabIndex={-1}>{'text'}</div>
                </Modal>,
            );
            const at = screen.getByText('text');
            at.focus();
            return {at, state: () => [close.mock.calls.length, enter.mock.calls.length, document.activeElement?.textContent]};
        },
    },
    'the last control of a dialog': {
        keys: ['Tab'],
        async show() {
            renderWithHost(
                <Modal
                    title='dialog'
                    onClose={vi.fn()}
                >
                    <button>{'last'}</button>
                </Modal>,
            );
            screen.getByText('last').focus();
            return {at: screen.getByText('last'), state: () => document.activeElement?.textContent};
        },
    },
    'the dots of a menu': {
        keys: ['Enter', ' ', 'ArrowDown'],
        async show() {
            renderWithHost(
                <DotsMenu
                    label='more'
                    entries={[{key: 'a', text: 'A', onChoose: () => undefined}]}
                />,
            );
            return {at: screen.getByLabelText('more'), state: () => screen.queryAllByRole('menu').length};
        },
    },
    'the entries of a menu': {
        keys: ['ArrowDown', 'ArrowUp', 'Home', 'End', 'Tab', 'Escape'],
        async show() {
            renderWithHost(
                <DotsMenu
                    label='more'
                    entries={['a', 'b', 'c'].map((key) => ({key, text: key, onChoose: () => undefined}))}
                />,
            );
            await userEvent.click(screen.getByLabelText('more'));
            await userEvent.keyboard('{ArrowDown}');
            return {at: screen.getByText('b'), state: () => document.activeElement?.textContent};
        },
    },
    tabs: {
        keys: ['ArrowRight', 'ArrowLeft'],
        async show() {
            renderWithHost(<TwoTabs/>);
            return {at: screen.getByRole('tab', {name: 'One'}), state: () => screen.getByRole('tabpanel').textContent};
        },
    },
    'the grip of a row': {
        keys: ['ArrowUp', 'ArrowDown'],
        async show() {
            const move = vi.fn();
            renderWithHost(<Sortable onMove={move}/>);
            return {at: screen.getByRole('button', {name: 'b'}), state: () => move.mock.calls.length};
        },
    },
    'a row that is dragged': {
        keys: ['Escape'],
        async show() {
            renderWithHost(<Sortable onMove={vi.fn()}/>);
            // jsdom has no pointer events.
            fireEvent(screen.getByRole('button', {name: 'b'}), new MouseEvent('pointerdown', {bubbles: true, button: 0}));
            return {at: document.body, state: () => screen.getByTestId('list').dataset.drag};
        },
    },
    'a tooltip': {
        keys: ['Escape'],
        async show() {
            renderWithHost(<Tooltip text='why'><button>{'control'}</button></Tooltip>);
            screen.getByText('control').focus();
            await screen.findByRole('tooltip');
            return {at: screen.getByText('control'), state: () => screen.queryAllByRole('tooltip').length};
        },
    },
    'the form of a task': {
        keys: ['Escape'],
        async show() {
            taskForms.open('key');
            renderWithHost(
                <TaskForm
                    formKey='key'
                    isFound={false}
                    onSave={async () => undefined}
                />,
            );
            await userEvent.type(screen.getByLabelText('Name'), '田');
            return {at: screen.getByLabelText('Name'), state: () => taskForms.read('key')?.typed.title};
        },
    },
    'a text of the editor': {
        keys: ['Enter', 'Escape'],
        async show() {
            renderWithHost(
                <InlineText
                    label='name'
                    value='old'
                    placeholder=''
                    limit={100}
                    onCommit={vi.fn()}
                    onTyping={vi.fn()}
                />,
            );
            await userEvent.click(screen.getByText('old'));
            return {at: screen.getByRole('textbox'), state: () => screen.queryAllByRole('textbox').length};
        },
    },
    'the name of a task in the editor': {
        keys: ['Enter', 'Escape'],
        async show() {
            renderWithHost(
                <TaskEditor
                    {...rowTools}
                    task={{key: 'k', id: '', title: 'task', command: '', description: ''}}
                    teamId=''
                    own={{}}
                    suggestions='bottom'
                    isDragged={false}
                    isBelowDrop={false}
                    isNew={true}
                    mayRise={true}
                    maySink={true}
                    dispatch={vi.fn()}
                />,
            );
            const at = screen.getByLabelText('Task Name');
            at.focus();
            return {at, state: () => document.activeElement === at};
        },
    },
    'a command of the editor': {
        keys: ['Enter', 'Escape'],
        async show() {
            const {container} = renderWithHost(
                <CommandField
                    label='command'
                    command='/echo'
                    suggestions='bottom'
                    onChange={vi.fn()}
                />,
            );
            const at = within(container).getByLabelText('command');
            at.focus();
            return {at, state: () => document.activeElement === at};
        },
    },
};

describe.each(Object.entries(places))('keys of an input method in %s', (_, {keys, show}) => {
    const cases = keys.flatMap((key) => Object.keys(reports).map((how) => [key, how] as const));
    it.each(cases)('%s, reported %s, is left alone', async (key, how) => {
        const {at, state} = await show();
        const before = state();
        const event = reports[how]!(at, key);
        fireEvent(at, event);
        await new Promise((resolve) => setTimeout(resolve, 0));
        expect(state()).toEqual(before);
        expect(event.defaultPrevented).toBe(false);
    });

    it.each(keys)('%s itself is ours', async (key) => {
        const {at, state} = await show();
        const before = state();
        const event = createEvent.keyDown(at, {key, keyCode: 65, isComposing: false});
        fireEvent(at, event);
        await waitFor(() => expect([state(), event.defaultPrevented]).not.toEqual([before, false]));
    });
});
