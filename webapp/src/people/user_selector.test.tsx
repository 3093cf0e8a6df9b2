import {act, fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useState} from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {UserSelector} from 'src/people/user_selector';
import {BORIS, ME} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {User} from 'src/types/host_rest';
import {removeToast} from 'src/ui/toast';

beforeEach(() => {
    freshHost();
    removeToast();
});

/** A selector whose searches are answered when the test says so, and a control behind it. */
function slow() {
    const onChoose = vi.fn();
    const answers: Array<{signal: AbortSignal; give: (users: User[]) => void; fail: () => void}> = [];
    const source = {
        key: 'slow',
        load: async () => ({users: [ME, BORIS], hasMore: false}),
        search: (_term: string, signal: AbortSignal) => new Promise<User[]>((give, fail) => answers.push({signal, give, fail: () => fail(new Error('network'))})),
    };
    renderWithHost(
        <>
            <UserSelector
                label='Commander'
                userId={ME.id}
                source={source}
                nobody='nobody'
                onChoose={onChoose}
            />
            <button>{'after'}</button>
        </>,
    );
    const enter = async () => {
        await userEvent.click(screen.getByTitle('Commander'));
        await screen.findAllByRole('option');
        await userEvent.keyboard('bor{Enter}');
    };
    return {
        onChoose,
        enter,

        /** Waits for the search of the closed list, which React may start a moment after the list has left the screen. */
        asked: async () => {
            await isClosed();
            await waitFor(() => expect(answers.filter(({signal}) => !signal.aborted)).toHaveLength(1));
        },
        answer: (users: User[]) => act(async () => answers.forEach(({give}) => give(users))),
        fail: () => act(async () => answers.forEach((one) => one.fail())),
    };
}

const isClosed = () => waitFor(() => expect(screen.queryByRole('combobox')).not.toBeInTheDocument());

describe('a choice confirmed by Enter before its answer came', () => {
    it.each([
        ['Tab', () => userEvent.tab()],
        ['a press elsewhere', () => userEvent.click(screen.getByText('after'))],
        ['its opener', () => userEvent.click(screen.getByTitle('Commander'))],
    ])('is made after the list was left by %s', async (_, leave) => {
        const {onChoose, enter, asked, answer} = slow();
        await enter();
        await leave();
        await asked();
        const focused = document.activeElement;
        expect(onChoose).not.toHaveBeenCalled();
        await answer([BORIS, ME]);
        expect(onChoose).toHaveBeenCalledTimes(1);
        expect(onChoose).toHaveBeenCalledWith(BORIS);
        expect(document.activeElement).toBe(focused);
    });

    it('is not made after Escape', async () => {
        const {onChoose, enter, answer} = slow();
        await enter();
        await userEvent.keyboard('{Escape}');
        await isClosed();
        await answer([BORIS]);
        expect(onChoose).not.toHaveBeenCalled();
    });

    it('is not made when nothing was confirmed', async () => {
        const {onChoose, enter, answer} = slow();
        await enter();
        fireEvent.change(screen.getByRole('combobox'), {target: {value: 'bori'}});
        await userEvent.tab();
        await isClosed();
        await answer([BORIS]);
        expect(onChoose).not.toHaveBeenCalled();
    });

    it('tells when nothing is found', async () => {
        const {onChoose, enter, asked, answer} = slow();
        await enter();
        await userEvent.tab();
        await asked();
        await answer([]);
        expect(screen.getByRole('alert')).toHaveTextContent('Nothing was chosen: nothing was found for “bor”.');
        expect(onChoose).not.toHaveBeenCalled();
    });

    it('tells when the search fails', async () => {
        const {onChoose, enter, asked, fail} = slow();
        await enter();
        await userEvent.tab();
        await asked();
        await fail();
        expect(screen.getByRole('alert')).toHaveTextContent('Nothing was chosen: the search for “bor” failed.');
        expect(onChoose).not.toHaveBeenCalled();
    });
});

describe('of several choices', () => {
    const CLARA: User = {...BORIS, id: 'clara'.padEnd(26, '0'), username: 'clara'};

    /** A selector in a form that can be closed; the test answers each search. */
    function inForm(isPartOfForm: boolean) {
        const chosen: string[] = [];
        const answers = new Map<string, (users: User[]) => void>();
        const source = {
            key: 'form',
            load: async () => ({users: [ME, CLARA], hasMore: false}),
            search: (term: string, signal: AbortSignal) => new Promise<User[]>((give) => {
                // The list's own search is aborted with it.
                signal.addEventListener('abort', () => give([]));
                answers.set(term, give);
            }),
        };
        function Form() {
            const [isOpen, setOpen] = useState(true);
            const [ids, setIds] = useState<string[]>([]);
            chosen.splice(0, chosen.length, ...ids);
            return (
                <>
                    {isOpen && (
                        <UserSelector
                            label='Owner'
                            userId={ids[ids.length - 1] ?? ''}
                            source={source}
                            nobody='nobody'
                            isPartOfForm={isPartOfForm}
                            reset={{text: 'Nobody', onReset: () => setIds([...ids, 'nobody'])}}
                            onChoose={({id}) => setIds([...ids, id])}
                        />
                    )}
                    <button onClick={() => setIds([...ids, 'typed'])}>{'type'}</button>
                    <button onClick={() => setOpen(false)}>{'close'}</button>
                    <button>{'elsewhere'}</button>
                </>
            );
        }
        renderWithHost(<Form/>);
        return {
            chosen,
            leave: async (term: string) => {
                await userEvent.click(screen.getByTitle('Owner'));
                await screen.findAllByRole('option');
                await userEvent.keyboard(`${term}{Enter}`);
                answers.clear();
                await userEvent.click(screen.getByText('elsewhere'));
                await isClosed();
                await waitFor(() => expect(answers.has(term)).toBe(true));
                return answers.get(term)!;
            },
        };
    }
    const give = (answer: (users: User[]) => void, user?: User) => act(async () => answer(user ? [user] : []));

    it('a late one loses nothing that was typed meanwhile', async () => {
        const {chosen, leave} = inForm(true);
        const answer = await leave('bor');
        await userEvent.click(screen.getByText('type'));
        await give(answer, BORIS);
        expect(chosen).toEqual(['typed', BORIS.id]);
    });

    it('a later one counts, also when its list was still open', async () => {
        const {chosen, leave} = inForm(true);
        const answer = await leave('bor');
        await userEvent.click(screen.getByTitle('Owner'));
        await userEvent.click(await screen.findByRole('option', {name: /clara/}));
        await give(answer, BORIS);
        expect(chosen).toEqual([CLARA.id]);
    });

    it('nobody counts, when that was chosen later', async () => {
        const {chosen, leave} = inForm(true);
        await userEvent.click(screen.getByTitle('Owner'));
        await userEvent.click(await screen.findByRole('option', {name: /clara/}));
        const answer = await leave('bor');
        await userEvent.click(screen.getByTitle('Owner'));
        await userEvent.click(screen.getByText('Nobody'));
        await give(answer, BORIS);
        expect(chosen).toEqual([CLARA.id, 'nobody']);
    });

    it.each([['first', 0], ['last', 1]])('the later one counts when the answer to the earlier one comes %s', async (_, at) => {
        const {chosen, leave} = inForm(true);
        const earlier = await leave('bor');
        const later = await leave('cla');
        await give(at === 0 ? earlier : later, at === 0 ? BORIS : CLARA);
        await give(at === 0 ? later : earlier, at === 0 ? CLARA : BORIS);
        expect(chosen).toEqual([CLARA.id]);
    });

    it.each([['a field of a form is over with it', true, []], ['an action is done although its control is gone', false, [BORIS.id]]])('%s', async (_, isPartOfForm, expected) => {
        const {chosen, leave} = inForm(isPartOfForm);
        const answer = await leave('bor');
        await userEvent.click(screen.getByText('close'));
        await give(answer, BORIS);
        expect(chosen).toEqual(expected);
        expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    });
});
