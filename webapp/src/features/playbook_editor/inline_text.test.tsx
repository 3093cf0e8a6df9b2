import {screen} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, expect, it, vi} from 'vitest';

import {InlineText} from 'src/features/playbook_editor/inline_text';
import {freshHost, renderWithHost} from 'src/testing/host';

beforeEach(() => {
    freshHost();
});

const show = (value: string, onCommit = vi.fn()) => {
    renderWithHost((
        <InlineText
            id='playbook-description'
            label='Description'
            placeholder='Playbook description'
            limit={100}
            mayBeBlank={true}
            value={value}
            onCommit={onCommit}
            onTyping={() => undefined}
        />
    ));
    return onCommit;
};

it('blanks count as nothing: the placeholder is shown', () => {
    show('  ');
    expect(screen.getByText('Playbook description')).toBeInTheDocument();
});

it('blanks around a text are cut off', async () => {
    const commit = show('');
    await userEvent.click(screen.getByText('Playbook description'));
    await userEvent.keyboard('  What it is for {Enter}');
    expect(commit).toHaveBeenCalledWith('What it is for');
});
