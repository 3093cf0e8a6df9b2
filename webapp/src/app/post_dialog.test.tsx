import {act, fireEvent, screen} from '@testing-library/react';
import React from 'react';
import {beforeEach, expect, it, vi} from 'vitest';

import {openPostDialog, PostDialog} from 'src/app/post_dialog';
import {PostAction, PostDialogProps} from 'src/capabilities/capability';
import * as messageParser from 'src/i18n/message_parser';
import {freshHost, happens, hostStore, renderWithHost} from 'src/testing/host';

beforeEach(() => {
    freshHost();
    vi.restoreAllMocks();
});

function later() {
    let resolve: () => void = () => undefined;
    const promise = new Promise<void>((done) => {
        resolve = done;
    });
    return {promise, resolve: () => resolve()};
}

const action = (load: PostAction['load']): PostAction => ({testId: 'test', text: {id: 'test', defaultMessage: 'Test'}, isOffered: () => true, load});

const Part = ({postId, onClose}: PostDialogProps) => (
    <button
        type='button'
        onClick={onClose}
    >
        {`close ${postId}`}
    </button>
);

it('shows the dialog of an entry for its message, and gives the focus to the message box in the end', async () => {
    renderWithHost((
        <>
            <input id='post_textbox'/>
            <PostDialog/>
        </>
    ));
    expect(screen.queryByRole('button')).toBeNull();
    await happens(() => openPostDialog(hostStore(), action(async () => ({default: Part})), 'p1'));
    const button = await screen.findByText('close p1');
    button.focus();
    fireEvent.click(button);
    expect(screen.queryByRole('button')).toBeNull();
    expect(document.getElementById('post_textbox')).toHaveFocus();
});

it('shows no dialog before the parser of its texts is loaded', async () => {
    const parser = later();
    vi.spyOn(messageParser, 'loadMessageParser').mockImplementation(() => parser.promise);
    renderWithHost(<PostDialog/>);
    await happens(() => openPostDialog(hostStore(), action(async () => ({default: Part})), 'p1'));
    expect(screen.queryByRole('button')).toBeNull();
    await happens(parser.resolve);
    expect(screen.getByText('close p1')).toBeInTheDocument();
});

it('tells when the code of the dialog could not be loaded', async () => {
    renderWithHost(<PostDialog/>);
    await happens(() => openPostDialog(hostStore(), action(() => Promise.reject(new Error('chunk'))), 'p1'));
    expect(await screen.findByRole('alert')).toHaveTextContent('This could not be loaded.');
});

it('shows nothing of what was opened before it was unregistered', async () => {
    const {unmount} = renderWithHost(<PostDialog/>);
    const load = vi.fn<PostAction['load']>(async () => ({default: Part}));
    await happens(() => openPostDialog(hostStore(), action(load), 'p1'));
    await screen.findByText('close p1');
    act(() => unmount());
    renderWithHost(<PostDialog/>);
    expect(screen.queryByRole('button')).toBeNull();
});
