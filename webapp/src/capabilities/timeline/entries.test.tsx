import {fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {beforeEach, describe, expect, it} from 'vitest';

import {forgetPresence} from 'src/capabilities/timeline/presence';
import {anEntry, heads, MINUTE, sendEntry, showTimeline, TEN} from 'src/capabilities/timeline/testing';
import {Entry} from 'src/capabilities/timeline/types';
import {anIncident, BORIS, ME} from 'src/testing/factories';
import {freshHost} from 'src/testing/host';
import {Call} from 'src/testing/server';
import {Incident} from 'src/types/incident';

let incident: Incident;

beforeEach(() => {
    freshHost();
    forgetPresence();
    incident = anIncident();
});

const mine = (entry: Partial<Entry> = {}) => anEntry({...entry, incident_id: incident.id});
const path = () => `/incidents/${incident.id}/timeline`;

const show = (entries: Entry[], more?: Parameters<typeof showTimeline>[2], isMember?: boolean) => showTimeline(incident, entries, more, isMember);

describe('adding', () => {
    it('takes a text and a time in the past, keeps the focus, and says that it was done', async () => {
        const added = mine({text: 'We called them', happened_at: TEN + MINUTE});
        const {server} = await show([mine()], {[`POST ${path()}`]: {status: 201, body: added}});
        const box = screen.getByLabelText('What happened?');
        await userEvent.type(box, 'We called them');
        await userEvent.selectOptions(screen.getByLabelText('When'), '15 minutes ago');
        await userEvent.click(screen.getByRole('checkbox', {name: 'Key moment'}));
        const before = Date.now();
        await userEvent.click(box);
        await userEvent.keyboard('{Control>}{Enter}{/Control}');
        await waitFor(() => expect(box).toHaveValue(''));
        const [{body, headers}] = server.to('POST', path()) as [Call];
        expect(body).toMatchObject({text: 'We called them', starred: true});
        expect(Math.abs((body as {happened_at: number}).happened_at - (before - (15 * MINUTE)))).toBeLessThan(MINUTE);
        expect(headers['Idempotency-Key']).toMatch(/^[!-~]{1,128}$/);
        expect(box).toHaveFocus();
        expect(heads()[1]).toContain('We called them');
        await waitFor(() => expect(screen.getByTestId('incident-live-region')).toHaveTextContent('The entry was added.'));
    });

    it('keys of an input method neither send nor leave', async () => {
        const {server} = await show([mine()], {[`POST ${path()}`]: {status: 201, body: mine({text: '障害'})}});
        const box = screen.getByLabelText('What happened?');
        await userEvent.type(box, '障害');
        fireEvent.compositionStart(box);
        for (const key of ['Enter', 'Escape']) {
            fireEvent.keyDown(box, {key, keyCode: 229, isComposing: true, ctrlKey: key === 'Enter'});
        }
        fireEvent.compositionEnd(box);
        expect(box).toHaveValue('障害');
        expect(server.to('POST', path())).toHaveLength(0);
        fireEvent.keyDown(box, {key: 'Enter', ctrlKey: true});
        await waitFor(() => expect(server.to('POST', path())).toHaveLength(1));
    });

    it('now is the time of the server', async () => {
        const {server} = await show([mine()], {[`POST ${path()}`]: {status: 201, body: mine({text: 'x'})}});
        await userEvent.type(screen.getByLabelText('What happened?'), 'x');
        await userEvent.click(screen.getByText('Add Entry'));
        await waitFor(() => expect(server.to('POST', path()).map(({body}) => body)).toEqual([{text: 'x', starred: false}]));
    });

    it('what fails can be sent again as the same request, and is not lost with the tab', async () => {
        const {server} = await show([mine()], {[`POST ${path()}`]: {status: 0}});
        await userEvent.type(screen.getByLabelText('What happened?'), 'Keep me');
        await userEvent.click(screen.getByText('Add Entry'));
        expect(await screen.findByRole('alert')).toHaveTextContent('The entry could not be added. The server could not be reached.');
        await userEvent.click(screen.getByText('Add Entry'));
        await waitFor(() => expect(server.to('POST', path())).toHaveLength(2));
        const [first, second] = server.to('POST', path()).map(({headers}) => headers['Idempotency-Key']);
        expect(first).toBe(second);
        expect(screen.getByLabelText('What happened?')).toHaveValue('Keep me');
        expect(window.sessionStorage.getItem(Object.keys(window.sessionStorage)[0] ?? '')).toContain('Keep me');
    });

    it('a text that is missing and a time in the future are told, and nothing is sent', async () => {
        const {server} = await show([mine()]);
        const box = screen.getByLabelText('What happened?');
        await userEvent.click(box);
        await userEvent.click(screen.getByText('Add Entry'));
        expect(screen.getByText('Say what happened.')).toBeInTheDocument();
        expect(box).toHaveFocus();
        await userEvent.type(box, 'x');
        await userEvent.selectOptions(screen.getByLabelText('When'), 'At a time …');
        fireEvent.change(screen.getByLabelText('Date and time'), {target: {value: '2999-01-01T00:00'}});
        await userEvent.click(screen.getByText('Add Entry'));
        expect(screen.getByText(/This is in the future/)).toBeInTheDocument();
        expect(server.to('POST', path())).toEqual([]);
    });

    it('keys of an input method neither send nor leave', async () => {
        const {server} = await show([mine()]);
        const box = screen.getByLabelText('What happened?');
        await userEvent.type(box, 'すうじ');
        fireEvent.keyDown(box, {key: 'Enter', ctrlKey: true, isComposing: true, keyCode: 229});
        fireEvent.keyDown(box, {key: 'Escape', isComposing: true, keyCode: 229});
        expect(box).toHaveValue('すうじ');
        expect(server.to('POST', path())).toEqual([]);
    });

    it('the limit is counted near its end', async () => {
        await show([mine()]);
        fireEvent.change(screen.getByLabelText('What happened?'), {target: {value: 'x'.repeat(3900)}});
        expect(screen.getByText('3900 of 4000 characters')).toBeInTheDocument();
    });

    it('those who are not in the channel read only', async () => {
        await show([mine({starred: true})], {}, false);
        expect(screen.queryByLabelText('What happened?')).toBeNull();
        expect(screen.getByText(/Members of the incident’s channel can add entries/)).toBeInTheDocument();
        expect(screen.getByRole('img', {name: 'Key moment'})).toBeInTheDocument();
        await userEvent.click(screen.getByRole('button', {name: 'Actions of the entry'}));
        expect(screen.getAllByRole('menuitem').map(({textContent}) => textContent)).toEqual(['Show Versions']);
    });
});

describe('changing', () => {
    const menu = async (name: string) => {
        await userEvent.click(screen.getByRole('button', {name: 'Actions of the entry'}));
        await userEvent.click(screen.getByRole('menuitem', {name}));
    };

    it('marks a key moment whatever its version is', async () => {
        const entry = mine();
        const {server} = await show([entry], {[`PATCH ${path()}/${entry.id}`]: {body: {...entry, starred: true, version: 2}}});
        const star = screen.getByRole('button', {name: 'Key moment'});
        await userEvent.click(star);
        await waitFor(() => expect(star).toHaveAttribute('aria-pressed', 'true'));
        expect(server.to('PATCH', `${path()}/${entry.id}`).map(({body}) => body)).toEqual([{starred: true}]);
    });

    it('edits text and time, by the version that was seen', async () => {
        const entry = mine();
        const {server} = await show([entry], {[`PATCH ${path()}/${entry.id}`]: {body: {...entry, text: 'Better', version: 2}}});
        await menu('Edit');
        const form = screen.getByRole('form', {name: 'Edit the entry'});
        const box = within(form).getByLabelText('What happened?');
        expect(box).toHaveFocus();
        await userEvent.clear(box);
        await userEvent.type(box, 'Better');
        await userEvent.click(within(form).getByText('Save'));
        expect(await screen.findByText('Better')).toBeInTheDocument();
        expect(server.to('PATCH', `${path()}/${entry.id}`).map(({body}) => body)).toEqual([{text: 'Better', version: 1}]);
        expect(screen.queryByRole('form', {name: 'Edit the entry'})).toBeNull();
        expect(screen.getByRole('button', {name: 'Actions of the entry'})).toHaveFocus();
    });

    it('a conflict shows what the other one has written, and lets the user decide', async () => {
        const entry = mine();
        const theirs = {...entry, text: 'Theirs', version: 2, edited_at: TEN, edited_by_id: BORIS.id};
        const {server} = await show([entry], {
            [`PATCH ${path()}/${entry.id}`]: ({body}: Call) => ((body as {version: number}).version === 2 ?
                {body: {...theirs, text: 'Mine', version: 3}} : {status: 409, body: {error: 'Somebody else', code: 'timeline.outdated'}}),
            [`GET ${path()}/${entry.id}`]: {body: {...theirs, versions: []}},
        });
        await menu('Edit');
        const form = screen.getByRole('form', {name: 'Edit the entry'});
        const box = within(form).getByLabelText('What happened?');
        await userEvent.clear(box);
        await userEvent.type(box, 'Mine');
        await userEvent.click(within(form).getByText('Save'));
        const told = await within(form).findByRole('alert');
        expect(told).toHaveTextContent('Boris Klein has edited this entry meanwhile');
        expect(within(told).getByText('Theirs')).toBeInTheDocument();
        expect(box).toHaveValue('Mine');
        await userEvent.click(within(form).getByText('Save Mine'));
        expect(await screen.findByText('Mine')).toBeInTheDocument();
        expect(server.to('PATCH', `${path()}/${entry.id}`).map(({body}) => body)).toEqual([{text: 'Mine', version: 1}, {text: 'Mine', version: 2}]);
    });

    it('a star that somebody set meanwhile is no conflict', async () => {
        const entry = mine();
        const now = {...entry, starred: true, version: 2};
        await show([entry], {
            [`PATCH ${path()}/${entry.id}`]: ({body}: Call) => ((body as {version: number}).version === 2 ?
                {body: {...now, text: 'Mine', version: 3}} : {status: 409, body: {error: 'Somebody else', code: 'timeline.outdated'}}),
            [`GET ${path()}/${entry.id}`]: {body: {...now, versions: []}},
        });
        await menu('Edit');
        fireEvent.change(within(screen.getByRole('form', {name: 'Edit the entry'})).getByLabelText('What happened?'), {target: {value: 'Mine'}});
        await userEvent.click(screen.getByText('Save'));
        expect(await screen.findByText('Mine')).toBeInTheDocument();
    });

    it('deletes after a question, and leaves a mark with versions', async () => {
        const entry = mine();
        const mark = {...entry, text: '', version: 2, deleted_at: TEN + MINUTE, deleted_by_id: ME.id};
        await show([entry], {
            [`DELETE ${path()}/${entry.id}`]: {body: mark},
            [`GET ${path()}/${entry.id}`]: {body: {...mark, versions: [
                {version: 1, action: 'added', actor_id: ME.id, create_at: TEN, happened_at: TEN, text: ''},
                {version: 2, action: 'deleted', actor_id: ME.id, create_at: TEN + MINUTE, happened_at: TEN, text: ''},
            ]}},
        });
        await menu('Delete');
        expect(screen.getByRole('dialog')).toHaveTextContent('A mark stays on the timeline');
        await userEvent.keyboard('{Enter}');
        await waitFor(() => expect(heads()[0]).toContain('Anna Berg deleted an entry here'));
        expect(screen.getByRole('button', {name: 'Actions of the entry'})).toHaveFocus();
        await menu('Show Versions');
        const versions = await within(screen.getByRole('dialog')).findAllByRole('listitem');
        expect(versions.map(({textContent}) => textContent)).toEqual([expect.stringContaining('Anna Berg deleted it'), expect.stringContaining('Anna Berg added it')]);
    });

    it('own events and updates cannot be deleted, messages not be edited', async () => {
        await show([mine({kind: 'message', source: {post_id: 'p', channel_id: incident.channel_id, gone: false}})]);
        await userEvent.click(screen.getByRole('button', {name: 'Actions of the entry'}));
        expect(screen.getAllByRole('menuitem').map(({textContent}) => textContent)).toEqual(['Go to the Message', 'Show Versions', 'Delete']);
        await sendEntry(mine({kind: 'update', happened_at: TEN + 1, source: {post_id: 'p2', channel_id: incident.channel_id, gone: false}}));
        await userEvent.keyboard('{Escape}');
        await userEvent.click(screen.getAllByRole('button', {name: 'Actions of the entry'})[1]!);
        expect(screen.getAllByRole('menuitem').map(({textContent}) => textContent)).toEqual(['Go to the Message', 'Show Versions']);
    });

    it('a refusal is shown in the words of the server', async () => {
        const entry = mine();
        await show([entry], {[`PATCH ${path()}/${entry.id}`]: {status: 409, body: {error: 'This entry was changed the maximum of 1000 times.', code: 'timeline.versions'}}});
        await userEvent.click(screen.getByRole('button', {name: 'Key moment'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The entry could not be marked. This entry was changed the maximum of 1000 times.');
    });
});
