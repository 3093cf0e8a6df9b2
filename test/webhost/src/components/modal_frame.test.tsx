import React from 'react';
import ReactDOM from 'react-dom';
import {act} from 'react-dom/test-utils';
import {afterEach, expect, it, vi} from 'vitest';

import {useFocusBack} from './modal_frame';

const Dialog = () => {
    useFocusBack();
    return <input id='field' autoFocus={true}/>;
};

function openAndClose(meanwhile: () => void) {
    const place = document.body.appendChild(document.createElement('div'));
    act(() => void ReactDOM.render(<Dialog/>, place));
    expect(document.activeElement?.id).toBe('field');
    meanwhile();
    act(() => void ReactDOM.unmountComponentAtNode(place));
    vi.runAllTimers();
}

const focused = () => document.activeElement?.id;

function page() {
    vi.useFakeTimers();
    document.body.innerHTML = '<button id="opener"></button><button id="other"></button><textarea id="post_textbox"></textarea>';
    document.getElementById('opener')?.focus();
}

afterEach(() => {
    vi.useRealTimers();
});

it('a dialog gives the focus back to what opened it', () => {
    page();
    openAndClose(() => undefined);
    expect(focused()).toBe('opener');
});

it('the message box takes the focus when what opened the dialog is gone', () => {
    page();
    openAndClose(() => document.getElementById('opener')?.remove());
    expect(focused()).toBe('post_textbox');
});

it('the focus stays where it was put meanwhile', () => {
    page();
    openAndClose(() => document.getElementById('other')?.focus());
    expect(focused()).toBe('other');
});
