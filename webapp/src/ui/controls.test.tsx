import {fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {FormEvent, useState} from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {freshHost, renderWithHost} from 'src/testing/host';
import {Button} from 'src/ui/button';
import {Confirm, Modal} from 'src/ui/modal';
import {Picker} from 'src/ui/picker';
import {Pager} from 'src/ui/table';
import {Tooltip} from 'src/ui/tooltip';

beforeEach(() => {
    freshHost();
});

describe('a confirmation', () => {
    function Ask({onConfirm}: {onConfirm: () => void}) {
        const [open, setOpen] = useState(false);
        return (
            <>
                <Button onClick={() => setOpen(true)}>{'ask'}</Button>
                {open && (
                    <Confirm
                        title='Sure?'
                        confirm='Yes'
                        onConfirm={onConfirm}
                        onCancel={() => setOpen(false)}
                    >
                        {'It cannot be undone.'}
                    </Confirm>
                )}
            </>
        );
    }

    it('acts once on Enter', async () => {
        const confirm = vi.fn();
        renderWithHost(<Ask onConfirm={confirm}/>);
        await userEvent.click(screen.getByText('ask'));
        expect(screen.getByRole('dialog', {name: 'Sure?'})).toHaveAccessibleDescription('It cannot be undone.');
        expect(screen.getByText('Yes')).toHaveFocus();
        await userEvent.keyboard('{Enter}');
        expect(confirm).toHaveBeenCalledTimes(1);
    });

    it('keeps the focus inside and gives it back', async () => {
        renderWithHost(<Ask onConfirm={() => undefined}/>);
        await userEvent.click(screen.getByText('ask'));
        await userEvent.tab();
        expect(screen.getByRole('button', {name: 'Close'})).toHaveFocus();
        await userEvent.tab({shift: true});
        expect(screen.getByText('Yes')).toHaveFocus();
        await userEvent.keyboard('{Escape}');
        expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
        expect(screen.getByText('ask')).toHaveFocus();
    });

    it('acts on Enter wherever the focus is, except on another button', async () => {
        const confirm = vi.fn();
        renderWithHost(<Ask onConfirm={confirm}/>);
        await userEvent.click(screen.getByText('ask'));
        await userEvent.click(screen.getByText('It cannot be undone.'));
        await userEvent.keyboard('{Enter}');
        expect(confirm).toHaveBeenCalledTimes(1);
        screen.getByText('Cancel').focus();
        await userEvent.keyboard('{Enter}');
        expect(confirm).toHaveBeenCalledTimes(1);
        expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    });

    it.each([
        ['is gone', {removes: true}],
        ['is disabled', {removes: false}],
    ])('is closed by Escape when what had the focus %s', async (_, {removes}) => {
        const cancel = vi.fn();
        function Dialog() {
            const [isPressed, setPressed] = useState(false);
            return (
                <Modal
                    title='Edit'
                    onClose={cancel}
                >
                    {!(isPressed && removes) && (
                        <button
                            disabled={isPressed}
                            onClick={() => setPressed(true)}
                        >
                            {'Take it'}
                        </button>
                    )}
                </Modal>
            );
        }
        renderWithHost(<Dialog/>);
        await userEvent.click(screen.getByText('Take it'));
        await waitFor(() => expect(screen.getByRole('dialog')).toHaveFocus());
        await userEvent.keyboard('{Escape}');
        expect(cancel).toHaveBeenCalledTimes(1);
    });

    it('is neither closed nor answered twice while what was confirmed is under way', async () => {
        const [confirm, cancel] = [vi.fn(), vi.fn()];
        const ask = (busy: boolean) => (
            <Confirm
                title='Sure?'
                confirm='Yes'
                busy={busy}
                onConfirm={confirm}
                onCancel={cancel}
            >
                {'It cannot be undone.'}
            </Confirm>
        );
        const {rerender} = renderWithHost(ask(true));
        await userEvent.keyboard('{Enter}{Escape}');
        fireEvent.mouseDown(screen.getByRole('dialog').parentElement!);
        for (const name of ['Cancel', 'Close']) {
            const button = screen.getByRole('button', {name});
            expect(button).toHaveAttribute('aria-disabled', 'true');
            await userEvent.click(button);
        }
        await userEvent.click(screen.getByText('It cannot be undone.'));
        await userEvent.keyboard('{Enter}{Escape}');
        expect([confirm.mock.calls.length, cancel.mock.calls.length]).toEqual([0, 0]);
        rerender(ask(false));
        await userEvent.keyboard('{Escape}');
        expect(cancel).toHaveBeenCalledTimes(1);
    });
});

describe('a busy button', () => {
    it('keeps the focus, says that it is busy, and is not pressed again', async () => {
        const press = vi.fn();
        function Slow() {
            const [busy, setBusy] = useState(false);
            return (
                <Button
                    busy={busy}
                    disabled={busy}
                    onClick={() => {
                        press();
                        setBusy(true);
                    }}
                >
                    {'go'}
                </Button>
            );
        }
        renderWithHost(<Slow/>);
        const button = screen.getByText('go');
        await userEvent.tab();
        await userEvent.keyboard('{Enter}');
        expect(button).toHaveFocus();
        expect(button).toHaveAttribute('aria-busy', 'true');
        expect(button).toHaveAttribute('aria-disabled', 'true');
        await userEvent.keyboard('{Enter} ');
        await userEvent.click(button);
        expect(press).toHaveBeenCalledTimes(1);
        expect(button).toHaveFocus();
    });

    it('sends no form, neither by a press nor by Enter in a field', async () => {
        const submit = vi.fn((event: FormEvent) => event.preventDefault());
        const form = (busy: boolean) => (
            <form onSubmit={submit}>
                <input aria-label='name'/>
                <Button
                    type='submit'
                    busy={busy}
                >
                    {'go'}
                </Button>
            </form>
        );
        const {rerender} = renderWithHost(form(true));
        await userEvent.click(screen.getByText('go'));
        await userEvent.type(screen.getByLabelText('name'), 'x{Enter}');
        expect(submit).not.toHaveBeenCalled();
        rerender(form(false));
        await userEvent.keyboard('{Enter}');
        expect(submit).toHaveBeenCalledTimes(1);
    });
});

describe('a dialog', () => {
    it('gives the focus back, also when its content has taken it while it opened', async () => {
        function Ask() {
            const [open, setOpen] = useState(false);
            return (
                <>
                    <Button onClick={() => setOpen(true)}>{'ask'}</Button>
                    {open && (
                        <Modal
                            title='Who?'
                            onClose={() => setOpen(false)}
                        >
                            <input
                                aria-label='name'
                                autoFocus={true}
                            />
                        </Modal>
                    )}
                </>
            );
        }
        renderWithHost(<Ask/>);
        await userEvent.click(screen.getByText('ask'));
        expect(screen.getByLabelText('name')).toHaveFocus();
        await userEvent.keyboard('{Escape}');
        expect(screen.getByText('ask')).toHaveFocus();
    });
});

describe('a picker', () => {
    const names = (from: number) => Array.from({length: 12}, (_, i) => `name ${from + i}`);

    it('offers further pages when its end is reached', async () => {
        const load = vi.fn(async (page: number) => ({options: names(page * 12), hasMore: page === 0}));
        renderWithHost(
            <Picker
                label='Names'
                load={load}
                search={async () => []}
                keyOf={(name) => name}
                render={(name) => name}
                onChoose={() => undefined}
            />,
        );
        expect(await screen.findAllByRole('option')).toHaveLength(12);
        await userEvent.keyboard('{ArrowDown}'.repeat(11));
        await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(24));
        expect(load.mock.calls.map(([page]) => page)).toEqual([0, 1]);
    });

    const named = (choose: (name: string) => void) => (
        <Picker
            label='Names'
            load={async () => ({options: ['old'], hasMore: false})}
            search={async (term) => (term === 'none' ? [] : [`found ${term}`, `also ${term}`])}
            keyOf={(name) => name}
            render={(name) => name}
            onChoose={choose}
        />
    );

    it('chooses by Enter what is found for the term, not what was listed for an older one', async () => {
        const choose = vi.fn();
        renderWithHost(named(choose));
        await screen.findByText('old');
        await userEvent.keyboard('x{Enter}');
        await waitFor(() => expect(choose).toHaveBeenCalledWith('found x'));
        expect(choose).toHaveBeenCalledTimes(1);
    });

    it('forgets an early Enter when the term changes or nothing is found', async () => {
        const choose = vi.fn();
        renderWithHost(named(choose));
        await screen.findByText('old');
        await userEvent.keyboard('x{Enter}y');
        await screen.findByText('found xy');
        await userEvent.clear(screen.getByRole('combobox'));
        await userEvent.keyboard('none{Enter}');
        await screen.findByText('Nothing found');
        await userEvent.clear(screen.getByRole('combobox'));
        await screen.findByText('old');
        expect(choose).not.toHaveBeenCalled();
        await userEvent.keyboard('{Enter}');
        expect(choose).toHaveBeenCalledWith('old');
    });

    it('tells when nothing was found and when it could not be asked', async () => {
        const search = vi.fn<(term: string) => Promise<string[]>>().mockResolvedValueOnce([]).mockRejectedValueOnce({status: 0, details: ''});
        renderWithHost(
            <Picker
                label='Names'
                load={async () => ({options: ['old'], hasMore: false})}
                search={search}
                keyOf={(name) => name}
                render={(name) => name}
                onChoose={() => undefined}
            />,
        );
        await screen.findByText('old');
        await userEvent.keyboard('x');
        expect(await screen.findByText('Nothing found')).toBeInTheDocument();
        await userEvent.keyboard('y');
        expect(await screen.findByRole('alert')).toHaveTextContent('The server could not be reached.');
    });

    it.each(['x{Enter}', 'x'])('trying again only lists, after any key', async (keys) => {
        const choose = vi.fn();
        const search = vi.fn<(term: string) => Promise<string[]>>().mockRejectedValueOnce({status: 500, details: ''}).mockResolvedValue(['found']);
        renderWithHost(
            <Picker
                label='Names'
                load={async () => ({options: ['old'], hasMore: false})}
                search={search}
                keyOf={(name) => name}
                render={(name) => name}
                onChoose={choose}
            />,
        );
        await screen.findByText('old');
        await userEvent.keyboard(keys);
        await screen.findByRole('alert');
        await userEvent.keyboard('{Enter}');
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        await screen.findByText('found');
        expect(choose).not.toHaveBeenCalled();
    });
});

describe('the buttons of a pager', () => {
    function Pages() {
        const [page, setPage] = useState(0);
        return (
            <Pager
                page={page}
                perPage={10}
                total={25}
                hasMore={page < 2}
                onPage={setPage}
            />
        );
    }

    it('give the focus to each other where one goes', async () => {
        renderWithHost(<Pages/>);
        const button = (name: string) => screen.getByRole('button', {name});
        await userEvent.click(button('Next'));
        expect(button('Next')).toHaveFocus();
        await userEvent.click(button('Next'));
        expect(button('Previous')).toHaveFocus();
        await userEvent.click(button('Previous'));
        await userEvent.click(button('Previous'));
        expect(button('Next')).toHaveFocus();
    });

    const pager = (page: number, hasMore = page < 2) => <Pager {...{page, perPage: 10, total: 25, hasMore, onPage: () => undefined}}/>;

    it('give it also if the page that was asked for turns out to be the last one', async () => {
        const {rerender} = renderWithHost(pager(1));
        await userEvent.click(screen.getByRole('button', {name: 'Next'}));
        rerender(pager(2, true));
        expect(screen.getByRole('button', {name: 'Next'})).toHaveFocus();
        rerender(pager(2));
        expect(screen.getByRole('button', {name: 'Previous'})).toHaveFocus();
    });

    it('take no focus that is elsewhere', () => {
        const {rerender} = renderWithHost(pager(1));
        rerender(pager(2));
        expect(document.body).toHaveFocus();
    });
});

it('a tooltip explains on focus, and Escape hides it', async () => {
    renderWithHost(
        <Tooltip
            text='What it does'
            id='goToChannel'
        >
            <button type='button'>{'go'}</button>
        </Tooltip>,
    );
    await userEvent.tab();
    await waitFor(() => expect(screen.getByRole('button')).toHaveAccessibleDescription('What it does'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('tooltip')).not.toBeInTheDocument();
});
