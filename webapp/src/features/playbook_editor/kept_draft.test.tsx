import {act, fireEvent, screen, waitFor} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Link, Route, useLocation} from 'react-router-dom';
import {beforeEach, describe, expect, it} from 'vitest';

import {NewPlaybook, PlaybookEditor} from 'src/features/playbook_editor/playbook_editor';
import {newPlaybookPath, playbookListPath, playbookPath} from 'src/routes';
import {aPlaybook, aStage, aTask} from 'src/testing/factories';
import {freshHost, hostStore, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';
import {beginSignIn} from 'src/ui/sign_in';

const playbook = aPlaybook({title: 'Outage', revision: 3, checklists: [aStage({title: 'Triage', items: [aTask({title: 'A'}), aTask({title: 'B'})]})]});
const url = `/playbooks/${playbook.id}`;
let server: ReturnType<typeof fakeServer>;
let unmount: () => void = () => undefined;

beforeEach(() => {
    freshHost();
    server = fakeServer({[`GET ${url}`]: {body: playbook}, [`PUT ${url}`]: {}});
});

const Where = () => <div data-testid='where'>{useLocation().pathname}</div>;

/** Opens a page as after a reload, which ends the one before as the browser does: with `pagehide` alone. */
function load(path: string): void {
    window.dispatchEvent(new Event('pagehide'));
    const kept = {...window.sessionStorage};
    unmount();
    window.sessionStorage.clear();
    Object.entries(kept).forEach(([name, value]) => window.sessionStorage.setItem(name, String(value)));
    ({unmount} = renderWithHost((
        <>
            <Route
                path='/:team/:plugin/playbooks/new'
                component={NewPlaybook}
            />
            <Route
                path='/:team/:plugin/playbooks/:id([a-z0-9]{26})'
                component={PlaybookEditor}
            />
            <Where/>
            <Link to='/elsewhere'>{'away'}</Link>
        </>
    ), {path, store: hostStore()}));
}

const stored = playbookPath('ad-1', playbook.id);
const names = () => screen.getAllByPlaceholderText<HTMLInputElement>('Task Name').map(({value}) => value);
const isRestored = () => screen.queryByText(/^Your changes from before were kept/) !== null;
const retype = async (text: string) => {
    const field = (await screen.findAllByPlaceholderText('Task Name'))[0]!;
    fireEvent.change(field, {target: {value: text}});
};

describe('unsaved changes of a playbook', () => {
    it('are there after a reload, and are saved for the revision that they were made to', async () => {
        load(stored);
        await retype('Mine');
        server.on({[`GET ${url}`]: {body: {...playbook, revision: 4, title: 'Theirs'}}});
        load(stored);
        await waitFor(() => expect(isRestored()).toBe(true));
        expect(names()).toEqual(['Mine', 'B']);
        await userEvent.click(screen.getByTestId('save_playbook'));
        await waitFor(() => expect(server.to('PUT', url).map(({headers}) => headers['If-Match'])).toEqual(['"3"']));
        expect(screen.getByTestId('where')).toHaveTextContent(playbookListPath('ad-1'));
        load(stored);
        await screen.findByText('Theirs');
        expect(isRestored()).toBe(false);
    });

    it('of a new one are there after a reload', async () => {
        load(newPlaybookPath('ad-1'));
        await retype('障害の調査');
        load(newPlaybookPath('ad-1'));
        expect(isRestored()).toBe(true);
        expect(names()).toEqual(['障害の調査']);
        load(newPlaybookPath('ad-1', 'Incident Management Playbook'));
        expect(isRestored()).toBe(false);
    });

    it.each([['Outage', '#playbook-name'], ['Triage', '[data-reorder-id]']])('in the open field of “%s” are there too', async (text, place) => {
        load(stored);
        await userEvent.click(await screen.findByText(text));
        fireEvent.change(document.querySelector('.editable-input')!, {target: {value: 'Half a na'}});
        load(stored);
        await waitFor(() => expect(document.querySelector(place)).toHaveTextContent('Half a na'));
    });

    it('are there after the plugin was upgraded under the editor', async () => {
        load(stored);
        await retype('Mine');
        unmount();
        load(stored);
        await waitFor(() => expect(names()).toEqual(['Mine', 'B']));
    });

    it('are gone when they are discarded, on the way out or afterwards', async () => {
        load(stored);
        await retype('Mine');
        fireEvent.click(screen.getByText('away'));
        await userEvent.click(screen.getByRole('button', {name: 'Discard Changes'}));
        load(stored);
        await screen.findByText('Outage');
        expect(isRestored()).toBe(false);
        await retype('Mine');
        load(stored);
        await userEvent.click(await screen.findByRole('button', {name: 'Discard Them'}));
        expect(names()).toEqual(['A', 'B']);
        load(stored);
        await screen.findByText('Outage');
        expect(isRestored()).toBe(false);
    });

    it('do not get in the way of rows that are added afterwards', async () => {
        load(stored);
        await retype('Mine');
        load(stored);
        await waitFor(() => expect(isRestored()).toBe(true));
        await userEvent.click(screen.getByRole('button', {name: '+ New Task'}));
        expect(names()).toEqual(['Mine', 'B', '']);
        expect(new Set([...document.querySelectorAll<HTMLElement>('[data-reorder-id]')].map(({dataset}) => dataset.reorderId)).size).toBe(4);
    });

    it('are asked about when the page is left, but not on the way to the login', async () => {
        load(stored);
        await retype('Mine');
        const leave = () => {
            const closing = new Event('beforeunload', {cancelable: true});
            act(() => {
                window.dispatchEvent(closing);
            });
            return closing.defaultPrevented;
        };
        expect(leave()).toBe(true);
        beginSignIn();
        expect(leave()).toBe(false);
    });
});
