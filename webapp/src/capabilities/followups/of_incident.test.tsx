import {cleanup, fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import FollowUpsSection from 'src/capabilities/followups/page_section';
import {forgetPresence} from 'src/capabilities/followups/presence';
import FollowUpsSummary from 'src/capabilities/followups/summary_section';
import {aFollowUp, aPage} from 'src/capabilities/followups/testing';
import {FollowUp} from 'src/capabilities/followups/types';
import {emitCapabilityEvent} from 'src/realtime/capability_events';
import {setUser} from 'src/store/my_incidents';
import {anIncident, aStage, aTask, BORIS, ME} from 'src/testing/factories';
import {freshHost, happens, hostStore, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {fakeServer, page} from 'src/testing/server';
import {Incident} from 'src/types/incident';

beforeEach(() => {
    freshHost();
    forgetPresence();
});

/** Shows the section of an incident; its user is a member unless said otherwise. */
function show(incident: Incident, items: FollowUp[] = [], {isMember = true, counts = {}, channels = [] as string[]} = {}) {
    const server = fakeServer({[`GET /incidents/${incident.id}/followups`]: aPage(items, counts), 'GET /incidents/channels': {body: isMember ? [incident.channel_id] : channels}, 'GET host:/users': {body: [BORIS]}, 'GET /playbooks': page([])});
    const store = hostStore();
    if (isMember) {
        incidents.receive(incident);
    }
    renderWithHost(<FollowUpsSection incident={incident}/>, {store});
    return server;
}
const of = ({id}: Incident) => `/incidents/${id}/followups`;
const dialog = () => within(screen.getByRole('dialog'));
const type = (label: string | RegExp, value: string) => fireEvent.change(dialog().getByLabelText(label), {target: {value}});
const press = (name: string) => happens(() => fireEvent.click(dialog().getByText(name, {selector: 'button'})));
const openForm = async () => fireEvent.click(await screen.findByText('Add a Follow-Up'));
const conflictOf = (current: FollowUp) => ({status: 409, body: {error: 'changed', details: '', code: 'followup.changed', current, sent: current}});

describe('the section of an incident', () => {
    it('says what is wrong before anything is sent', async () => {
        const incident = anIncident();
        const server = show(incident);
        await openForm();
        expect(dialog().getByLabelText('What is to be done')).toHaveFocus();
        await press('Add');
        expect(dialog().getByText('Say in a few words what is to be done.')).toBeInTheDocument();
        type('What is to be done', ' Watch the disk ');
        type('Link to an issue (optional)', 'tracker/7');
        await press('Add');
        expect(dialog().getByText(/The whole address of a page/)).toBeInTheDocument();
        expect(server.to('POST', of(incident))).toHaveLength(0);
    });

    it('adds a follow-up', async () => {
        const incident = anIncident();
        const server = show(incident);
        await openForm();
        type('What is to be done', ' Watch the disk ');
        type('Link to an issue (optional)', 'https://tracker.example.com/7');
        type('Due date (optional)', '2030-05-06');
        server.on({[`POST ${of(incident)}`]: {status: 201, body: aFollowUp()}});
        await press('Add');
        await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
        const sent = server.to('POST', of(incident))[0]!;
        expect(sent.body).toEqual({title: 'Watch the disk', text: '', owner_id: '', link: 'https://tracker.example.com/7', due_at: new Date(2030, 4, 6, 23, 59).getTime()});
        expect(sent.headers['Idempotency-Key']).toMatch(/^[!-~]{8,128}$/);
    });

    it('sends the same key for the same again, and another one for something else', async () => {
        const incident = anIncident();
        const server = show(incident);
        await openForm();
        server.on({[`POST ${of(incident)}`]: {status: 0}});
        type('What is to be done', 'One');
        await press('Add');
        expect(await screen.findByText(/The follow-up could not be added/)).toBeInTheDocument();
        await press('Add');
        type('What is to be done', 'Two');
        await press('Add');
        const [first, again, other] = server.to('POST', of(incident)).map(({headers}) => headers['Idempotency-Key']);
        expect(again).toBe(first);
        expect(other).not.toBe(first);
    });

    it('does not save by the Enter of an input method, and asks before it drops what was typed', async () => {
        const incident = anIncident();
        const server = show(incident);
        await openForm();
        const title = dialog().getByLabelText('What is to be done');
        type('What is to be done', '磁盘');
        fireEvent.compositionStart(title);
        fireEvent.submit(title.closest('form')!);
        expect(server.to('POST', of(incident))).toHaveLength(0);
        fireEvent.compositionEnd(title);
        fireEvent.keyDown(title, {key: 'Escape'});
        expect(dialog().getByRole('alert')).toHaveTextContent('What you have typed is not saved.');
        fireEvent.keyDown(title, {key: 'Escape', keyCode: 229});
        expect(screen.getByRole('dialog')).toBeInTheDocument();
        await press('Discard');
        expect(screen.queryByRole('dialog')).toBeNull();
    });

    it('keeps what was typed over a reload, until it is saved or discarded', async () => {
        const incident = anIncident();
        show(incident);
        await openForm();
        type('What is to be done', 'Watch');
        type('Due date (optional)', '2030-05-06');
        cleanup();
        show(anIncident());
        await openForm();
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('');
        cleanup();

        const server = show(incident);
        await openForm();
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('Watch');
        expect(dialog().getByLabelText('Due date (optional)')).toHaveValue('2030-05-06');
        expect(dialog().getByText('This is what you had typed before and was not saved.')).toBeInTheDocument();
        await press('Cancel');
        await press('Discard');
        await openForm();
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('');

        type('What is to be done', 'Watch the disk');
        server.on({[`POST ${of(incident)}`]: {status: 201, body: aFollowUp()}});
        await press('Add');
        await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
        await openForm();
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('');
    });

    it('shows what the server says of an owner who cannot read the incident', async () => {
        const incident = anIncident();
        const item = aFollowUp({incident_id: incident.id});
        const server = show(incident, [item]);
        server.on({[`PATCH /followups/${item.id}`]: {status: 400, body: {error: '@boris cannot be the owner: they cannot read this incident.', code: 'followup.owner'}}});
        await userEvent.click(await screen.findByRole('button', {name: 'More for Watch the disk'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Edit'}));
        await userEvent.click(dialog().getByRole('button', {name: 'Choose the owner'}));
        await userEvent.click(await screen.findByText('@boris'));
        await press('Save');
        expect(await screen.findByRole('alert')).toHaveTextContent('@boris cannot be the owner');
        expect(server.to('PATCH', `/followups/${item.id}`)[0]!.body).toEqual({owner_id: BORIS.id, revision: 1});
    });

    it('two who edit at once lose nothing', async () => {
        const incident = anIncident();
        const item = aFollowUp({incident_id: incident.id, text: 'Old text'});
        const server = show(incident, [item]);
        const theirs = {...item, title: 'Their title', text: 'Their text', revision: 2};
        server.on({[`PATCH /followups/${item.id}`]: conflictOf(theirs)});
        await userEvent.click(await screen.findByRole('button', {name: 'More for Watch the disk'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Edit'}));
        type('What is to be done', 'My title');
        await press('Save');
        expect(dialog().getByText(/Somebody else has changed this follow-up meanwhile/)).toBeInTheDocument();
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('My title');
        expect(dialog().getByLabelText('Details (optional, Markdown)')).toHaveValue('Their text');
        expect(dialog().getByText('Their title')).toBeInTheDocument();
        server.on({[`PATCH /followups/${item.id}`]: {body: {...theirs, title: 'My title', revision: 3}}});
        await press('Save');
        await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
        expect(server.to('PATCH', `/followups/${item.id}`).map(({body}) => body)).toEqual([{title: 'My title', revision: 1}, {title: 'My title', revision: 2}]);
    });

    it('their version can be taken', async () => {
        const incident = anIncident();
        const item = aFollowUp({incident_id: incident.id});
        const server = show(incident, [item]);
        server.on({[`PATCH /followups/${item.id}`]: conflictOf({...item, title: 'Their title', revision: 2})});
        await userEvent.click(await screen.findByRole('button', {name: 'More for Watch the disk'}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Edit'}));
        type('What is to be done', 'My title');
        await press('Save');
        await press('Take it');
        expect(dialog().getByLabelText('What is to be done')).toHaveValue('Their title');
        await press('Save');
        await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
        expect(server.to('PATCH', `/followups/${item.id}`)).toHaveLength(1);
    });

    it('carries over the tasks that are chosen', async () => {
        const [one, two, done, before] = [aTask({title: 'One'}), aTask({title: 'Two'}), aTask({title: 'Finished', state: 'closed'}), aTask({title: 'Before'})];
        const incident = anIncident({checklists: [aStage({items: [one, two, done, before]})]});
        const server = show(incident, [aFollowUp({task_id: before.id})]);
        server.on({[`POST ${of(incident)}/carry_over`]: {body: {items: [aFollowUp({task_id: two.id})]}}});
        await userEvent.click(await screen.findByRole('button', {name: 'Carry Over Tasks'}));
        await userEvent.click(await dialog().findByRole('checkbox', {name: 'One'}));
        expect(dialog().queryByText('Finished')).toBeNull();
        expect(dialog().queryByText('Before')).toBeNull();
        await press('Carry Over 1');
        await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
        expect(server.to('POST', `${of(incident)}/carry_over`)[0]!.body).toEqual({task_ids: [two.id]});
    });

    it.each([[98, '2 more can be added', false], [100, 'No more can be added', true]])('says how many can still be added', async (done, text, isFull) => {
        show(anIncident(), [], {counts: {open: 400, done}});
        expect(await screen.findByText(new RegExp(text))).toBeInTheDocument();
        expect(screen.getByRole<HTMLButtonElement>('button', {name: 'Add a Follow-Up'}).disabled).toBe(isFull);
    });

    it('asks who is a member where the page was opened directly', async () => {
        const incident = anIncident();
        setUser('');
        const server = show(incident, [], {isMember: false, channels: [incident.channel_id]});
        expect(await screen.findByText('Add a Follow-Up')).toBeInTheDocument();
        expect(server.to('GET', '/incidents/channels')[0]!.query).toMatchObject({team_id: incident.team_id, member_id: ME.id});
    });

    it('offers nothing to those who may not change the incident', async () => {
        show(anIncident(), [aFollowUp({can_edit: false})], {isMember: false});
        await screen.findByText('Watch the disk');
        expect(screen.queryByRole('button', {name: 'Add a Follow-Up'})).toBeNull();
        expect(screen.queryByRole('button', {name: 'Carry Over Tasks'})).toBeNull();
    });
});

describe('the section of the sidebar', () => {
    it('is there for an incident that has ended, with the open ones', async () => {
        const ended = anIncident({is_active: false, end_at: Date.now()});
        const server = fakeServer({[`GET ${of(ended)}`]: aPage([aFollowUp()], {done: 2, dropped: 1})});
        renderWithHost(<FollowUpsSummary incident={ended}/>);
        expect(await screen.findByText('Watch the disk')).toBeInTheDocument();
        expect(screen.getByText('2 done, 1 dropped')).toBeInTheDocument();
        expect(server.to('GET', of(ended))[0]!.query).toMatchObject({state: 'open', per_page: '5'});
    });

    it('is not there in an ongoing incident without follow-ups, and appears with the first one', async () => {
        const incident = anIncident({checklists: [aStage({items: [aTask()]})]});
        const server = fakeServer({[`GET ${of(incident)}`]: aPage([])});
        incidents.receive(incident);
        renderWithHost(<FollowUpsSummary incident={incident}/>);
        await waitFor(() => expect(server.to('GET', of(incident))).toHaveLength(1));
        await happens(() => undefined);
        expect(screen.queryByTestId('sidebar-followups')).toBeNull();
        const first = aFollowUp({incident_id: incident.id});
        server.on({[`GET ${of(incident)}`]: aPage([first])});
        await happens(() => emitCapabilityEvent('followup_updated', {payload: JSON.stringify(first)}));
        expect(await screen.findByText('Watch the disk')).toBeInTheDocument();
        expect(screen.getByText('Add a Follow-Up')).toBeInTheDocument();
        expect(screen.queryByText('Carry Over Tasks')).toBeNull();
        expect(server.to('GET', of(incident))).toHaveLength(2);
    });

    it('asks nothing of a server without revisions', () => {
        const server = fakeServer();
        renderWithHost(<FollowUpsSummary incident={anIncident({is_active: false, revision: undefined})}/>);
        expect(server.calls).toEqual([]);
    });

    it('is not there on a server that has no follow-ups', async () => {
        const ended = anIncident({is_active: false, end_at: Date.now()});
        const server = fakeServer();
        renderWithHost(<FollowUpsSummary incident={ended}/>);
        await waitFor(() => expect(server.to('GET', of(ended))).toHaveLength(1));
        await happens(() => undefined);
        expect(screen.queryByTestId('sidebar-followups')).toBeNull();
    });
});
