import {act, fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
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
