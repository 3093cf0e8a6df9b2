import {act, screen, waitFor} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it} from 'vitest';

import {ApiError} from 'src/client/http';
import {refresh, useQuery} from 'src/query/client';
import {useAction} from 'src/query/use_action';
import {freshHost, renderWithHost} from 'src/testing/host';

beforeEach(() => {
    freshHost();
});

function Show({name, load}: {name: string; load: () => Promise<string>}) {
    const {data, error, isLoading, reload} = useQuery(['test', name], load);
    return (
        <button
            type='button'
            onClick={reload}
        >
            {isLoading ? 'loading' : error?.status ?? data}
        </button>
    );
}

it('of two requests for the same thing only the later counts', async () => {
    const gives: Array<(text: string) => void> = [];
    renderWithHost(
        <Show
            name='a'
            load={() => new Promise((resolve) => gives.push(resolve))}
        />,
    );
    await act(async () => void refresh(['test']));
    await act(async () => gives[1]?.('second'));
    await act(async () => gives[0]?.('first'));
    await waitFor(() => expect(screen.getByRole('button')).toHaveTextContent('second'));
});

it('an answer for other filters is not shown', async () => {
    const gives: Record<string, (text: string) => void> = {};
    const load = (name: string) => () => new Promise<string>((resolve) => {
        gives[name] = resolve;
    });
    const {rerender} = renderWithHost(
        <Show
            name='old'
            load={load('old')}
        />,
    );
    rerender(
        <Show
            name='new'
            load={load('new')}
        />,
    );
    await act(async () => gives.old?.('old answer'));
    expect(screen.getByRole('button')).toHaveTextContent('loading');
    await act(async () => gives.new?.('new answer'));
    await waitFor(() => expect(screen.getByRole('button')).toHaveTextContent('new answer'));
});

it('a failure is shown and can be tried again', async () => {
    let works = false;
    renderWithHost(
        <Show
            name='b'
            load={async () => {
                if (!works) {
                    throw new ApiError(500, 'broken');
                }
                return 'fine';
            }}
        />,
    );
    await waitFor(() => expect(screen.getByRole('button')).toHaveTextContent('500'));
    works = true;
    screen.getByRole('button').click();
    await waitFor(() => expect(screen.getByRole('button')).toHaveTextContent('fine'));
});

it('an action that is under way is not started again', async () => {
    let started = 0;
    let finish: () => void = () => undefined;
    function Act() {
        const action = useAction(() => {
            started++;
            return new Promise<void>((resolve) => {
                finish = resolve;
            });
        });
        return (
            <button
                type='button'
                onClick={() => void action.run()}
            >
                {action.busy ? 'busy' : 'idle'}
            </button>
        );
    }
    renderWithHost(<Act/>);
    screen.getByRole('button').click();
    screen.getByRole('button').click();
    expect(started).toBe(1);
    await act(async () => finish());
    expect(screen.getByRole('button')).toHaveTextContent('idle');
    screen.getByRole('button').click();
    expect(started).toBe(2);
});

it('forgetting a failure does not hide what is under way', async () => {
    let finish: () => void = () => undefined;
    let started = 0;
    function Act() {
        const {run, busy, error, clear} = useAction((fails: boolean) => {
            started++;
            return fails ? Promise.reject(new ApiError(500, 'broken')) : new Promise<void>((resolve) => {
                finish = resolve;
            });
        }, {isRepeatable: true});
        return (
            <>
                {[true, false].map((fails) => (
                    <button
                        key={String(fails)}
                        type='button'
                        onClick={() => void run(fails)}
                    >
                        {fails ? 'fail' : 'wait'}
                    </button>
                ))}
                <button
                    type='button'
                    onClick={clear}
                >
                    {'clear'}
                </button>
                <i data-testid='state'>{`${busy ? 'busy' : 'idle'} ${error?.status ?? ''}`.trim()}</i>
            </>
        );
    }
    renderWithHost(<Act/>);
    const press = (name: string) => act(async () => screen.getByText(name).click());
    await press('wait');
    await press('fail');
    expect(screen.getByTestId('state')).toHaveTextContent(/^busy 500$/);
    await press('clear');
    expect(screen.getByTestId('state')).toHaveTextContent(/^busy$/);
    await act(async () => finish());
    expect(screen.getByTestId('state')).toHaveTextContent(/^idle$/);
    expect(started).toBe(2);
});
