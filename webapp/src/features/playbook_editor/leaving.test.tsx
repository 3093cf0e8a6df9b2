import {fireEvent, screen} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Link, Route, useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it} from 'vitest';

import {NewPlaybook} from 'src/features/playbook_editor/playbook_editor';
import {newPlaybookPath} from 'src/routes';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';

beforeEach(() => {
    freshHost();
    fakeServer();
    renderWithHost((
        <>
            <Route
                path='/:team/:plugin/playbooks/new'
                component={NewPlaybook}
            />
            <Where/>
            <Link to='/elsewhere'>{'away'}</Link>
        </>
    ), {path: newPlaybookPath('ad-1')});
});

function Where() {
    return <div data-testid='where'>{useLocation().pathname}</div>;
}

/** Leaves as the browser's history does: without taking the focus from the field first. */
const leave = () => fireEvent.click(screen.getByText('away'));
const isAsked = () => screen.queryByText('Discard your changes?') !== null;

describe.each(['Untitled Playbook', 'Playbook description', 'Default Stage'])('while “%s” is typed over', (text) => {
    it('asks before what is being typed is lost', async () => {
        await userEvent.click(screen.getByText(text));
        await userEvent.keyboard('x');
        const closing = new Event('beforeunload', {cancelable: true});
        window.dispatchEvent(closing);
        expect(closing.defaultPrevented).toBe(true);
        leave();
        expect(isAsked()).toBe(true);
        await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
        expect(screen.getByTestId('where')).toHaveTextContent('/playbooks/new');
        leave();
        expect(isAsked()).toBe(true);
    });

    it('asks nothing as long as what is typed is the same, nor after Escape', async () => {
        await userEvent.click(screen.getByText(text));
        await userEvent.keyboard('x{Escape}');
        await userEvent.click(screen.getByText(text));
        leave();
        expect(isAsked()).toBe(false);
        expect(screen.getByTestId('where')).toHaveTextContent('/elsewhere');
    });
});
