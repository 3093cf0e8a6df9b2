import {fireEvent, waitFor} from '@testing-library/react';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {forgetFocus, keepFocus} from 'src/host/focus';
import {RhsPlugin} from 'src/host/registry';
import {connectSidebar, sidebar} from 'src/host/sidebar';
import {HostStore} from 'src/host/store';

const byId = (id: string) => document.getElementById(id) as HTMLElement;

beforeEach(() => {
    document.body.innerHTML = `
        <textarea id='post_textbox'></textarea><button id='other'></button>
        <div id='rhsContainer'><button id='first' class='a11y--focused'></button><button id='second'></button></div>`;
});
afterEach(() => {
    forgetFocus();
    vi.useRealTimers();
});

describe('a sidebar that opens unasked', () => {
    it('leaves the focus where it was, once', async () => {
        byId('other').focus();
        keepFocus();
        byId('first').focus();
        expect(byId('other')).toHaveFocus();
        await waitFor(() => expect(byId('first')).not.toHaveClass('a11y--focused'));
        byId('first').focus();
        expect(byId('first')).toHaveFocus();
    });

    it('leaves it in the message box that the host has moved it to', () => {
        byId('other').focus();
        keepFocus();
        byId('post_textbox').focus();
        byId('first').focus();
        expect(byId('post_textbox')).toHaveFocus();
    });

    it('leaves it nowhere where it was nowhere, and in the message box when its place is gone', () => {
        keepFocus();
        byId('first').focus();
        expect(document.body).toHaveFocus();

        byId('other').focus();
        keepFocus();
        byId('other').remove();
        byId('first').focus();
        expect(byId('post_textbox')).toHaveFocus();
    });

    it.each([
        ['a press in the sidebar', () => fireEvent.mouseDown(byId('second'))],
        ['the Tab key', () => fireEvent.keyDown(byId('other'), {key: 'Tab'})],
        ['time', () => vi.advanceTimersByTime(15_000)],
    ])('lets %s move it', (_, act) => {
        vi.useFakeTimers();
        byId('other').focus();
        keepFocus();
        act();
        byId('second').focus();
        expect(byId('second')).toHaveFocus();
    });

    it('leaves the focus where it was on a slow machine too', () => {
        vi.useFakeTimers();
        byId('other').focus();
        keepFocus();
        vi.advanceTimersByTime(10_000);
        byId('first').focus();
        expect(byId('other')).toHaveFocus();
    });

    it('lets the host move it once the user opens the sidebar', () => {
        const end = connectSidebar({dispatch: vi.fn()} as unknown as HostStore, {} as RhsPlugin);
        for (const ask of [sidebar.open, sidebar.toggle]) {
            byId('other').focus();
            sidebar.openUnasked();
            ask();
            byId('first').focus();
            expect(byId('first')).toHaveFocus();
        }
        end();
    });

    it('does not take typing for a wish to go there', () => {
        byId('post_textbox').focus();
        keepFocus();
        fireEvent.keyDown(byId('post_textbox'), {key: 'a'});
        byId('first').focus();
        expect(byId('post_textbox')).toHaveFocus();
    });
});
