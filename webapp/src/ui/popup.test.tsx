import {fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useState} from 'react';
import {createPortal} from 'react-dom';
import {beforeEach, expect, it} from 'vitest';

import {pressedKey} from 'src/host/keys';
import {freshHost, renderWithHost} from 'src/testing/host';
import {PopupFrame, usePopup} from 'src/ui/popup';

beforeEach(() => {
    freshHost();
});

/** A mention as the host renders it: its popover stands elsewhere in the document and takes the focus. */
function Mention() {
    const [isShown, setShown] = useState(false);
    return (
        <>
            <button onClick={() => setShown(true)}>{'@boris'}</button>
            {isShown && createPortal((
                <button
                    autoFocus={true}
                    onKeyDown={(event) => pressedKey(event) === 'Escape' && setShown(false)}
                >
                    {'Message'}
                </button>
            ), document.body)}
        </>
    );
}

function Description() {
    const popup = usePopup();
    return (
        <>
            <PopupFrame
                popup={popup}
                opener={<button onClick={popup.toggle}>{'open'}</button>}
            >
                <p>{'description'}</p>
                <Mention/>
            </PopupFrame>
            <button>{'elsewhere'}</button>
        </>
    );
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

it('stays open while the popover of a person in it is used, and closes by a press elsewhere', async () => {
    renderWithHost(<Description/>);
    await userEvent.click(screen.getByText('open'));
    await userEvent.click(screen.getByText('@boris'));
    await pause();
    expect(screen.getByText('Message')).toHaveFocus();
    await userEvent.click(screen.getByText('Message'));
    await pause();
    expect(screen.getByText('description')).toBeInTheDocument();
    await userEvent.click(screen.getByText('elsewhere'));
    await waitFor(() => expect(screen.queryByText('description')).toBeNull());
});

it('leaves Escape to the popover of a person; the next one closes the popup', async () => {
    renderWithHost(<Description/>);
    await userEvent.click(screen.getByText('open'));
    await userEvent.click(screen.getByText('@boris'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByText('Message')).toBeNull();
    expect(screen.getByText('description')).toBeInTheDocument();
    fireEvent.keyDown(document.body, {key: 'Escape'});
    expect(screen.queryByText('description')).toBeNull();
});

it.each([
    ['Escape', () => document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))],
    ['a press elsewhere', () => screen.getByText('elsewhere').dispatchEvent(new MouseEvent('mousedown', {bubbles: true}))],
])('closes by %s that comes as soon as it is shown', async (_, press) => {
    renderWithHost(<Description/>);
    const observer = new MutationObserver(() => {
        observer.disconnect();
        expect(screen.getByText('description')).toBeInTheDocument();
        press();
    });
    observer.observe(document.body, {childList: true, subtree: true});

    // As the browser does it: nothing waits for the effects of the component.
    screen.getByText('open').click();
    await waitFor(() => expect(screen.queryByText('description')).toBeNull(), {timeout: 5000});
});
