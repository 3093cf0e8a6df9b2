import {screen} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, expect, it, vi} from 'vitest';

import {freshHost, renderWithHost} from 'src/testing/host';
import {Confirm} from 'src/ui/modal';

beforeEach(() => {
    freshHost();
});

it('a dialog that opens over another has the focus and the keys until it is closed', async () => {
    const below = vi.fn();
    const above = vi.fn();
    const two = (isAsked: boolean) => (
        <>
            <Confirm
                title='Remove?'
                confirm='Remove'
                onConfirm={below}
                onCancel={below}
            >
                {'Below'}
            </Confirm>
            {isAsked && (
                <Confirm
                    title='Discard?'
                    confirm='Discard'
                    onConfirm={() => undefined}
                    onCancel={above}
                >
                    {'Above'}
                </Confirm>
            )}
        </>
    );
    const {rerender} = renderWithHost(two(false));
    const lower = screen.getByRole('button', {name: 'Remove'});
    expect(lower).toHaveFocus();
    rerender(two(true));
    expect(screen.getByRole('button', {name: 'Discard'})).toHaveFocus();
    lower.focus();
    expect(screen.getByRole('dialog', {name: 'Discard?'})).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    expect(above).toHaveBeenCalledTimes(1);
    expect(below).not.toHaveBeenCalled();
    rerender(two(false));
    expect(lower).toHaveFocus();
});
