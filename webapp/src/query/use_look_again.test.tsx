import {act, render} from '@testing-library/react';
import React from 'react';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {LOOK_MS, useLookAgain} from 'src/query/use_look_again';

const hide = (isHidden: boolean) => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden);
    act(() => void document.dispatchEvent(new Event('visibilitychange')));
};
const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));

beforeEach(() => {
    vi.useFakeTimers();
});
afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
});

it('asks again now and then while the page is seen, and once when it is seen again', () => {
    const look = vi.fn();
    const Looker = ({isNeeded}: {isNeeded: boolean}) => {
        useLookAgain(isNeeded, look);
        return null;
    };
    const {rerender, unmount} = render(<Looker isNeeded={true}/>);
    pass(LOOK_MS - 1);
    expect(look).not.toHaveBeenCalled();
    pass(1);
    expect(look).toHaveBeenCalledTimes(1);
    hide(true);
    hide(false);
    expect(look).toHaveBeenCalledTimes(1);
    hide(true);
    pass(5 * LOOK_MS);
    expect(look).toHaveBeenCalledTimes(1);
    hide(false);
    expect(look).toHaveBeenCalledTimes(2);
    rerender(<Looker isNeeded={false}/>);
    pass(2 * LOOK_MS);
    rerender(<Looker isNeeded={true}/>);
    unmount();
    pass(2 * LOOK_MS);
    expect(look).toHaveBeenCalledTimes(2);
});
