import {act, fireEvent, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {Route} from 'react-router-dom';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import {forgetPresence, serverHasRetrospectives} from 'src/capabilities/retrospective/presence';
import {openTexts} from 'src/capabilities/retrospective/open_texts';
import Page from 'src/capabilities/retrospective/page';
import RetrospectiveSection from 'src/capabilities/retrospective/section_of_page';
import {aRetrospective, aSection, retrospectiveServer} from 'src/capabilities/retrospective/testing';
import {Retrospective} from 'src/capabilities/retrospective/types';
import {LOOK_MS} from 'src/query/use_look_again';
import {emitCapabilityEvent} from 'src/realtime/capability_events';
import {anIncident, BORIS, ME, TEAM} from 'src/testing/factories';
import {freshHost, happens, renderWithHost} from 'src/testing/host';
import {fakeServer} from 'src/testing/server';
import {Incident} from 'src/types/incident';

beforeEach(() => {
    freshHost();
    forgetPresence();
    window.localStorage.clear();
    vi.restoreAllMocks();
});

const ended = () => anIncident({is_active: false, end_at: Date.now() - 1000});
const LINES = '**Checkout** was down.\nIt lasted 1 hour.';

function show(document: Partial<Retrospective> = {}, incident: Incident = ended(), more: Parameters<typeof retrospectiveServer>[1] = {}) {
    const world = retrospectiveServer(aRetrospective(incident.id, document), {
        'POST host:/users/ids': {body: [BORIS]},
        ...more,
    });
    const shown = renderWithHost(<RetrospectiveSection incident={incident}/>);
    return {world, incident, ...shown};
}

const part = (heading: string) => within(screen.getByRole('region', {name: heading}));
const edit = async (heading = 'Summary') => userEvent.click(await screen.findByRole('button', {name: `Edit: ${heading}`}));
const field = () => screen.getByRole('textbox');
const isSaved = () => waitFor(() => expect(screen.getByTestId('retrospective-saved')).toHaveTextContent('Everything is saved.'));

describe('where it is shown', () => {
    it('is absent when the server does not know it, and then is not asked for again', async () => {
        const incident = ended();
        const server = fakeServer();
        server.on({[`GET /incidents/${incident.id}/retrospective`]: {status: 404, body: '404 page not found'}});
        const {container} = renderWithHost(<RetrospectiveSection incident={incident}/>);
        await waitFor(() => expect(serverHasRetrospectives()).toBe(false));
        expect(container.textContent).toBe('');
    });

    it('says what failed, and can be tried again', async () => {
        const incident = ended();
        const {world} = show({}, incident, {[`GET /incidents/${incident.id}/retrospective`]: {status: 500}});
        expect(await screen.findByRole('alert')).toHaveTextContent('The retrospective could not be loaded.');
        world.server.on({[`GET /incidents/${incident.id}/retrospective`]: {body: world.now()}});
        await userEvent.click(screen.getByRole('button', {name: 'Try Again'}));
        expect(await screen.findByRole('region', {name: 'Summary'})).toBeInTheDocument();
    });

    it('is read again now and then for those who get no events', async () => {
        vi.useFakeTimers({shouldAdvanceTime: true});
        const {world, incident} = show();
        await screen.findByRole('region', {name: 'Summary'});
        world.server.on({[`GET /incidents/${incident.id}/retrospective`]: {body: {...world.now(), revision: 99, sections: [aSection({text: 'They get it back.', revision: 99, origin: 'edited'})]}}});
        act(() => void vi.advanceTimersByTime(LOOK_MS));
        expect(await screen.findByText('They get it back.')).toBeInTheDocument();
        vi.useRealTimers();
    });

    it('takes little room while the incident goes on', async () => {
        show({state: 'none', revision: 0}, anIncident());
        await userEvent.click(await screen.findByRole('button', {name: 'Show the draft'}));
        expect(screen.getByRole('region', {name: 'Summary'})).toBeInTheDocument();
        expect(screen.queryByRole('button', {name: 'Publish'})).toBeNull();
        await userEvent.click(screen.getByRole('button', {name: 'Hide the draft'}));
        expect(screen.queryByRole('region', {name: 'Summary'})).toBeNull();
    });

    it('shows the draft by itself after the end, with what is generated and what is edited', async () => {
        show({state: 'none', revision: 0, due_at: Date.now() - 1000, sections: [
            aSection({text: LINES}),
            aSection({key: 'causes', heading: 'Our own causes', questions: ['Why at all?'], text: ''}),
            aSection({key: 'impact', heading: 'Impact', origin: 'edited', text: 'Many.', updated_by_id: BORIS.id, update_at: Date.now()}),
        ]});
        expect(await screen.findByTestId('retrospective-state')).toHaveTextContent('Automatic Draft');
        expect(part('Summary').getByText('Generated')).toBeInTheDocument();
        expect(part('Summary').getByText('Checkout').tagName).toBe('STRONG');
        expect(part('Impact').getByText(/^Edited by/)).toHaveTextContent('Boris Klein');
        expect(part('Our own causes').getByText('Why at all?')).toBeInTheDocument();
        expect(screen.getByText(/^It was due/)).toBeInTheDocument();
    });

    it('has no controls for those who may only read', async () => {
        show({can_edit: false});
        await screen.findByRole('region', {name: 'Summary'});
        expect(screen.queryByRole('button', {name: /^(Edit|Publish|Generate)/})).toBeNull();
    });
});

describe('the sources of a sentence', () => {
    it('open from the number behind it', async () => {
        const incident = ended();
        const event = {
            id: 'e1', kind: 'event', happened_at: Date.now(), author_id: ME.id, text: '', deleted_at: 0,
            event: {type: 'ended', post_id: 'p1', before: {}, after: {}},
        };
        const [task] = incident.checklists[0]!.items;
        show({sections: [aSection({text: LINES, sentences: [{line: 1, refs: [{kind: 'event', id: 'e1'}, {kind: 'task', id: task!.id!}, {kind: 'entry', id: 'e2'}]}]})]}, incident, {
            [`GET /incidents/${incident.id}/timeline/e1`]: {body: event},
            [`GET /incidents/${incident.id}/timeline/e2`]: {status: 500},
        });
        const mark = await screen.findByRole('link', {name: 'Sources of sentence 1'});
        expect(mark).toHaveTextContent('1');
        await userEvent.click(mark);
        const panel = screen.getByRole('dialog');
        expect(panel).toHaveFocus();
        expect(await within(panel).findByText('The incident was ended')).toBeInTheDocument();
        expect(within(panel).getByRole('link', {name: 'Go to the message'})).toHaveAttribute('href', '/_redirect/pl/p1');
        expect(within(panel).getByText(/^Task:/)).toHaveTextContent(task!.title);
        expect(await within(panel).findByRole('alert')).toHaveTextContent('This source could not be loaded.');
        fireEvent.keyDown(panel, {key: 'Escape'});
        expect(screen.queryByRole('dialog')).toBeNull();
        expect(mark).toHaveFocus();
    });

    it('lead to the timeline where its row is on the page', async () => {
        const incident = ended();
        const event = {id: 'e1', kind: 'event', happened_at: 1, author_id: ME.id, text: '', deleted_at: 0, event: {type: 'ended', post_id: '', before: {}, after: {}}};
        show({sections: [aSection({text: LINES, sentences: [{line: 1, refs: [{kind: 'event', id: 'e1'}]}]})]}, incident, {
            [`GET /incidents/${incident.id}/timeline/e1`]: {body: event},
        });
        const row = document.createElement('div');
        row.innerHTML = '<div id="timeline-entry-e1"><button>Star</button></div>';
        document.body.append(row);
        await userEvent.click(await screen.findByRole('link', {name: 'Sources of sentence 1'}));
        await userEvent.click(await screen.findByRole('button', {name: 'Show in the timeline'}));
        expect(screen.getByRole('button', {name: 'Star'})).toHaveFocus();
        expect(screen.queryByRole('dialog')).toBeNull();
        row.remove();
    });

    it('are not shown for lines that a person has written', async () => {
        show({sections: [aSection({text: `${LINES}\nMine.`, sentences: [{line: 0, refs: [{kind: 'event', id: 'e1'}]}]})]});
        await screen.findByRole('region', {name: 'Summary'});
        expect(screen.getAllByRole('link', {name: /^Sources/})).toHaveLength(1);
    });
});

describe('editing', () => {
    it('saves by itself, shows a preview, and ends at the place where it began', async () => {
        const {world} = show();
        await edit();
        expect(field()).toHaveFocus();
        await userEvent.clear(field());
        await userEvent.type(field(), '**Mine**');
        await userEvent.click(screen.getByRole('tab', {name: 'Preview'}));
        expect(within(screen.getByTestId('retrospective-preview')).getByText('Mine').tagName).toBe('STRONG');
        await isSaved();
        expect(world.now().sections[0]).toMatchObject({text: '**Mine**', origin: 'edited'});
        await userEvent.click(screen.getByRole('button', {name: 'Done'}));
        await waitFor(() => expect(screen.getByRole('button', {name: 'Edit: Summary'})).toHaveFocus());
        expect(part('Summary').getByText('Mine')).toBeInTheDocument();
    });

    it('shows what somebody else has written meanwhile, and saves nothing before one has chosen', async () => {
        const {world} = show();
        await edit();
        await userEvent.clear(field());
        world.others('summary', 'Theirs');
        await userEvent.type(field(), 'Mine');
        const conflict = await screen.findByTestId('retrospective-conflict');
        expect(conflict).toHaveTextContent('Theirs');
        expect(field()).toHaveValue('Mine');
        expect(world.now().sections[0]).toMatchObject({text: 'Theirs'});
        await userEvent.click(screen.getByRole('button', {name: 'Take Theirs, Put Mine Aside'}));
        expect(field()).toHaveValue('Theirs');
        await userEvent.click(screen.getByRole('button', {name: 'Add It Below'}));
        expect(field()).toHaveValue('Theirs\n\nMine');
        await isSaved();
        expect(world.now().sections[0]).toMatchObject({text: 'Theirs\n\nMine'});
    });

    it('keeps the text when the page is closed, and shows it when it is opened again', async () => {
        const {world, incident, unmount} = show();
        await edit();
        world.fail(403);
        await userEvent.clear(field());
        await userEvent.type(field(), 'Mine');
        fireEvent(window, new Event('pagehide'));
        unmount();
        openTexts.endAll();
        world.fail(0);
        world.others('summary', 'Theirs');
        renderWithHost(<RetrospectiveSection incident={incident}/>);
        expect(await screen.findByRole('textbox')).toHaveValue('Mine');
        expect(await screen.findByTestId('retrospective-conflict')).toHaveTextContent('Theirs');
        expect(world.now().sections[0]).toMatchObject({text: 'Theirs'});
    });

    it('does not touch what others write in other sections, which appears by itself', async () => {
        const {world, incident} = show({sections: [aSection(), aSection({key: 'causes', heading: 'Causes', text: ''})]});
        await edit();
        world.others('causes', 'The cable.');
        await happens(() => emitCapabilityEvent('retrospective_updated', {payload: JSON.stringify({incident_id: incident.id, revision: 4, state: 'draft', section: 'causes', updated_by_id: BORIS.id})}));
        expect(await screen.findByText('The cable.')).toBeInTheDocument();
        expect(field()).toHaveValue('It was slow.');
    });

    it('an edited section is generated again only after a question', async () => {
        const {world} = show({sections: [aSection({origin: 'edited', text: 'Mine', updated_by_id: ME.id, update_at: 5})]});
        await userEvent.click(await screen.findByRole('button', {name: 'Generate again: Summary'}));
        expect(screen.getByRole('button', {name: 'Cancel'})).toHaveFocus();
        await userEvent.click(screen.getByRole('button', {name: 'Generate Again'}));
        expect(await screen.findByText('Generated again.')).toBeInTheDocument();
        expect(world.now().sections[0]).toMatchObject({origin: 'generated'});
        expect(screen.getByRole('button', {name: 'Edit: Summary'})).toHaveFocus();
    });

    it('all generated sections are written again, and no edited one', async () => {
        show({sections: [aSection(), aSection({key: 'causes', heading: 'Causes', origin: 'edited', text: 'Mine', updated_by_id: ME.id, update_at: 5})]});
        await userEvent.click(await screen.findByRole('button', {name: 'More actions of the retrospective'}));
        await userEvent.click(screen.getByTestId('retrospective-again'));
        expect(await screen.findByText('Generated again.')).toBeInTheDocument();
        expect(screen.getByText('Mine')).toBeInTheDocument();
    });
});

describe('publishing', () => {
    it('asks first, says what is posted and what is missing, and ends the editing', async () => {
        const {world} = show({broadcast: true, sections: [aSection(), aSection({key: 'causes', heading: 'Contributing causes', text: ''})]});
        await userEvent.click(await screen.findByRole('button', {name: 'Publish'}));
        const dialog = within(screen.getByRole('dialog'));
        expect(dialog.getByText(/and in its broadcast channel/)).toBeInTheDocument();
        expect(dialog.getByText('Without text: Contributing causes.')).toBeInTheDocument();
        expect(dialog.getByText('As they were generated: Summary.')).toBeInTheDocument();
        await userEvent.click(dialog.getByRole('button', {name: 'Publish'}));
        await waitFor(() => expect(screen.getByTestId('retrospective-state')).toHaveTextContent('Published'));
        expect(world.server.to('POST', `/incidents/${world.now().incident_id}/retrospective/publish`).map(({body}) => body)).toEqual([{expected_revision: 3}]);
        expect(screen.queryByRole('button', {name: /^Edit/})).toBeNull();
        expect(screen.getByRole('button', {name: 'Reopen'})).toHaveFocus();
    });

    it('of what somebody has changed meanwhile is refused, and shows the change', async () => {
        const {world} = show();
        await userEvent.click(await screen.findByRole('button', {name: 'Publish'}));
        world.others('summary', 'Theirs');
        await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', {name: 'Publish'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The retrospective was not published.');
        expect(screen.getByText('Theirs')).toBeInTheDocument();
        expect(world.now().state).toBe('draft');
    });

    it('waits for what is typed', async () => {
        const {world} = show();
        await edit();
        world.fail(403);
        await userEvent.type(field(), ' More.');
        await userEvent.click(screen.getByRole('button', {name: 'Publish'}));
        await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', {name: 'Publish'}));
        expect(await within(screen.getByRole('dialog')).findByRole('alert')).toHaveTextContent('not saved yet');
        expect(world.now().state).toBe('draft');
    });

    it('is taken back by reopening', async () => {
        show({state: 'published', published_at: Date.now(), published_by_id: BORIS.id});
        expect(await screen.findByText(/^Published by/)).toHaveTextContent('Boris Klein');
        await userEvent.click(screen.getByRole('button', {name: 'Reopen'}));
        await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', {name: 'Reopen'}));
        await waitFor(() => expect(screen.getByTestId('retrospective-state')).toHaveTextContent('Draft'));
        expect(screen.getByRole('button', {name: 'Edit: Summary'})).toBeInTheDocument();
    });
});

describe('the page to read and print', () => {
    it('has a sheet beside the host for the printer, as long as it is open', async () => {
        const incident = ended();
        retrospectiveServer(aRetrospective(incident.id, {sections: [aSection({text: LINES, sentences: [{line: 0, refs: [{kind: 'event', id: 'e1'}]}]})]}), {
            [`GET /incidents/${incident.id}`]: {body: incident},
        });
        const print = vi.fn();
        window.print = print;
        const {unmount} = renderWithHost((
            <Route
                path='/:team/:plugin/incidents/:id/retrospective'
                component={Page}
            />
        ), {path: `/${TEAM.name}/plugin/incidents/${incident.id}/retrospective`});
        const sheet = await screen.findByTestId('retrospective-sheet');
        expect(sheet.parentElement).toBe(document.body);
        expect(within(sheet).getByRole('heading', {level: 1, hidden: true})).toHaveTextContent('Checkout is down');
        expect(within(sheet).queryByRole('link', {hidden: true})).toBeNull();
        expect(document.body.className).toMatch(/printing/);
        await userEvent.click(screen.getByRole('button', {name: 'Print, Save as PDF'}));
        expect(print).toHaveBeenCalled();
        unmount();
        expect(document.body.className).not.toMatch(/printing/);
        expect(screen.queryByTestId('retrospective-sheet')).toBeNull();
    });
});
