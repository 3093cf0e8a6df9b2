import {act, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {PlaybookList} from 'src/features/playbook_list/playbook_list';
import {newPlaybookPath, playbookListPath, playbookPath} from 'src/routes';
import {aPlaybook} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {fakeServer, later, page} from 'src/testing/server';
import {wholeText} from 'src/testing/texts';

let push: ReturnType<typeof freshHost>['push'];

beforeEach(() => {
    ({push} = freshHost());
});

afterEach(() => {
    vi.useRealTimers();
});

const show = (query = '') => renderWithHost(<PlaybookList/>, {path: playbookListPath('ad-1') + query});

async function askToDelete(title: string) {
    await userEvent.click(screen.getByRole('button', {name: `Actions for ${title}`}));
    await userEvent.click(screen.getByRole('menuitem', {name: 'Delete'}));
}

describe('the playbook list', () => {
    it('names the team and lists titles, stages and tasks', async () => {
        fakeServer({'GET /playbooks': page([aPlaybook({title: 'Outage', num_stages: 3, num_steps: 20})])});
        show();
        expect(await screen.findByTestId('titlePlaybook')).toHaveTextContent('Playbooks (Operations)');
        const row = document.querySelector<HTMLElement>('.playbook-item')!;
        expect(within(row).getAllByRole('cell').slice(0, 3).map((cell) => cell.textContent)).toEqual(['Outage', '3', '20']);
        expect(screen.getByText('1 - 1 of 1 total')).toBeInTheDocument();
        expect(screen.getByText('Create a Playbook').closest('a')).toHaveAttribute('href', newPlaybookPath('ad-1'));
        expect(screen.getByText('Incident Management Playbook').closest('a')!.getAttribute('href')).
            toContain('playbooks/new?template_title=Incident%20Management%20Playbook');
    });

    it.each([['no playbooks', []], ['playbooks', [aPlaybook({title: 'Outage'})]]])('offers no new playbook beside %s to those who may not create any, and says why', async (_, items) => {
        fakeServer({'GET /playbooks': page(items, {can_create: false})});
        show();
        expect(await screen.findByTestId('may-not-create')).toHaveTextContent('Your system administrator has chosen who may create playbooks.');
        for (const link of screen.queryAllByRole('link')) {
            expect(link.getAttribute('href')).not.toContain('playbooks/new');
        }
    });

    it('every card has its icon in the bundle, not in a font of the host', async () => {
        fakeServer({'GET /playbooks': page([])});
        show();
        await screen.findByTestId('no-playbooks');
        for (const card of ['Blank Playbook', 'Incident Management Playbook']) {
            expect(screen.getByText(card).closest('a')!.querySelector('svg path')).not.toBeNull();
        }
    });

    it('opens a playbook by a press on its row', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        fakeServer({'GET /playbooks': page([playbook])});
        show();
        await userEvent.click(await screen.findByRole('link', {name: 'Outage'}));
        expect(push).toHaveBeenCalledWith(playbookPath('ad-1', playbook.id));
    });

    it('shows that it loads, and that loading failed with a way to retry', async () => {
        const answer = later();
        fakeServer({'GET /playbooks': () => answer.answer});
        show();
        expect(screen.getByText('Loading…')).toBeInTheDocument();
        act(() => answer.give({status: 500}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The playbooks could not be loaded.');
        fakeServer({'GET /playbooks': page([aPlaybook({title: 'Outage'})])});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByText('Outage')).toBeInTheDocument();
    });

    it('goes back to the first page when it is sorted', async () => {
        const server = fakeServer({'GET /playbooks': page([aPlaybook()], {total_count: 31, page_count: 3, has_more: true})});
        show('?page=2');
        expect(await screen.findByText('16 - 30 of 31 total')).toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'Tasks'}));
        await screen.findByText('1 - 15 of 31 total');
        expect(server.calls[server.calls.length - 1]!.query).toMatchObject({sort: 'steps', direction: 'asc', page: '0', per_page: '15'});
        await userEvent.click(await screen.findByRole('button', {name: 'Tasks'}));
        await waitFor(() => expect(server.calls[server.calls.length - 1]!.query).toMatchObject({sort: 'steps', direction: 'desc'}));
    });

    it('ignores the answer to an older order', async () => {
        const slow = later();
        fakeServer({'GET /playbooks': ({query}) => (query.sort === 'title' ? page([aPlaybook({title: 'Newest'})]) : slow.answer)});
        show();
        await screen.findByText('Newest');
        await userEvent.click(screen.getByRole('button', {name: 'Stages'}));
        await userEvent.click(screen.getByRole('button', {name: 'Name'}));
        await act(async () => slow.give(page([aPlaybook({title: 'Stale'})])));
        expect(screen.getByText('Newest')).toBeInTheDocument();
        expect(screen.queryByText('Stale')).toBeNull();
    });

    it('tells the order to assistive technology', async () => {
        fakeServer({'GET /playbooks': page([aPlaybook()])});
        show();
        expect(await screen.findByRole('columnheader', {name: 'Name'})).toHaveAttribute('aria-sort', 'ascending');
        expect(screen.getByRole('columnheader', {name: 'Stages'})).toHaveAttribute('aria-sort', 'none');
    });

    it('has buttons in its menu, which leave the URL alone', async () => {
        fakeServer({'GET /playbooks': page([aPlaybook({title: 'Outage'})])});
        show();
        await screen.findByText('Outage');
        await userEvent.click(screen.getByRole('button', {name: 'Actions for Outage'}));
        expect(screen.getAllByRole('menuitem').map(({tagName}) => tagName)).toEqual(['BUTTON', 'BUTTON', 'BUTTON']);
    });

    it('deletes once when Enter confirms', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        const answer = later();
        const server = fakeServer({'GET /playbooks': page([playbook]), [`DELETE /playbooks/${playbook.id}`]: () => answer.answer});
        show();
        await screen.findByText('Outage');
        await askToDelete('Outage');
        expect(document.querySelector('#confirmModalButton')).toHaveFocus();
        await userEvent.keyboard('{Enter}{Enter}');
        await act(async () => answer.give({}));
        await screen.findByText(wholeText('The playbook “Outage” was deleted.'));
        await waitFor(() => expect(screen.getByTestId('titlePlaybook')).toHaveFocus());
        expect(server.to('DELETE', `/playbooks/${playbook.id}`)).toHaveLength(1);
        expect(server.to('GET', '/playbooks')).toHaveLength(2);
    });

    it('keeps the dialog and says that deleting failed', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        fakeServer({'GET /playbooks': page([playbook]), [`DELETE /playbooks/${playbook.id}`]: {status: 500}});
        show();
        await screen.findByText('Outage');
        await askToDelete('Outage');
        await userEvent.click(screen.getByRole('button', {name: 'Delete Playbook'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The playbook could not be deleted.');
        expect(screen.getByText('Outage')).toBeInTheDocument();
    });

    it('the question stays until deleting has failed or succeeded', async () => {
        const playbook = aPlaybook({title: 'Outage'});
        const slow = later();
        fakeServer({'GET /playbooks': page([playbook]), [`DELETE /playbooks/${playbook.id}`]: () => slow.answer});
        show();
        await screen.findByText('Outage');
        await askToDelete('Outage');
        await userEvent.click(screen.getByRole('button', {name: 'Delete Playbook'}));
        await userEvent.keyboard('{Escape}');
        await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
        await act(async () => slow.give({status: 500}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The playbook could not be deleted.');
        await userEvent.click(screen.getByRole('button', {name: 'Cancel'}));
        expect(screen.queryByRole('dialog')).toBeNull();
    });

    it('keeps the banner of the first deletion while a second one is asked about', async () => {
        const [first, second] = [aPlaybook({title: 'First'}), aPlaybook({title: 'Second'})];
        let left = [first, second];
        const server = fakeServer({
            'GET /playbooks': () => page(left),
            'DELETE /playbooks/*': ({path}) => {
                left = left.filter(({id}) => !path.endsWith(id));
                return {};
            },
        });
        show();
        await screen.findByText('First');
        await askToDelete('First');
        await userEvent.click(screen.getByRole('button', {name: 'Delete Playbook'}));
        await screen.findByText(wholeText('The playbook “First” was deleted.'));
        await askToDelete('Second');
        expect(screen.getByText(wholeText('The playbook “First” was deleted.'))).toBeInTheDocument();
        await waitFor(() => expect(screen.queryByText(wholeText('The playbook “First” was deleted.'))).toBeNull());
        await userEvent.click(screen.getByRole('button', {name: 'Delete Playbook'}));
        await screen.findByText(wholeText('The playbook “Second” was deleted.'));
        expect(server.to('DELETE', `/playbooks/${second.id}`)).toHaveLength(1);
    });

    it('goes back a page when the last row of the last page is gone', async () => {
        fakeServer({'GET /playbooks': ({query}) => (query.page === '1' ? page([], {total_count: 15, page_count: 1}) : page([aPlaybook({title: 'Outage'})], {total_count: 15}))});
        show('?page=2');
        expect(await screen.findByText('Outage')).toBeInTheDocument();
    });

    it('explains playbooks where there is none', async () => {
        fakeServer({'GET /playbooks': page([])});
        show();
        expect(await screen.findByTestId('no-playbooks')).toBeInTheDocument();
        expect(screen.getByRole('link', {name: '+ New Playbook'})).toHaveAttribute('href', newPlaybookPath('ad-1'));
        expect(screen.queryByRole('table')).toBeNull();
    });
});
