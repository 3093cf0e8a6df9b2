import {act, screen, waitFor, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import {beforeEach, describe, expect, it, vi} from 'vitest';

import BelowCommander from 'src/capabilities/roles/below_commander';
import ForReceiver from 'src/capabilities/roles/for_receiver';
import {outcomeOf} from 'src/capabilities/roles/handoff';
import HandoffDialog from 'src/capabilities/roles/handoff_dialog';
import {roles as capability} from 'src/capabilities/roles';
import {watched} from 'src/capabilities/roles/watched';
import {useIncidentOfChannel} from 'src/store/incidents';
import {anIncident, aStage, aTask, BORIS, ME} from 'src/testing/factories';
import {freshHost, happens, renderWithHost} from 'src/testing/host';
import {incidents} from 'src/testing/incidents';
import {fakeServer, later} from 'src/testing/server';
import {Incident} from 'src/types/incident';
import {Handoff, IncidentRole} from 'src/types/roles';

const CHEN = {...BORIS, id: 'chen'.padEnd(26, '0'), username: 'chen', first_name: 'Chen', last_name: 'Li'};
const HOUR = 60 * 60 * 1000;

beforeEach(() => {
    freshHost();
    watched.clear();
});

const aRole = (role: Partial<IncidentRole> = {}): IncidentRole => ({key: 'communications', name: 'Communications', description: 'Keeps customers informed.', holder_id: '', since: 0, ...role});
const aHandoff = (handoff: Partial<Handoff> = {}): Handoff => ({
    id: 'handoff1', to_user_id: BORIS.id, by_user_id: ME.id, at: Date.now(), expires_at: Date.now() + (HOUR / 4), ...handoff,
});

function Shown({channelId}: {channelId: string}) {
    const {incident} = useIncidentOfChannel(channelId);
    return incident && capability.summaryDetails!.isShown({incident}) ? (
        <>
            <div data-testid='head'>{capability.sidebarHead!.isShown({incident}) && <ForReceiver incident={incident}/>}</div>
            <BelowCommander incident={incident}/>
            <output>{incident.checklists.flatMap(({items}) => items).map(({assignee_id: id}) => id).join()}</output>
        </>
    ) : null;
}

function show(incident: Incident, routes: Parameters<typeof fakeServer>[0] = {}) {
    const server = fakeServer({'GET host:/users': {body: [BORIS, ME]}, 'POST host:/users/ids': {body: [CHEN]}, ...routes});
    incidents.receive(incident);
    const shown = renderWithHost(<Shown channelId={incident.channel_id}/>);
    return {server, ...shown};
}

describe('roles', () => {
    const withRoles = (...roles: IncidentRole[]) => anIncident({roles: {roles}});

    it('an incident without roles shows nothing', () => {
        const {container} = show(anIncident());
        expect(container.textContent).toBe('');
    });

    it('are shown with what they do, who has them, and since when', () => {
        const midnight = new Date().setHours(0, 0, 0, 0);
        show(withRoles(aRole(), aRole({key: 'ops', name: 'Operations', description: '', holder_id: BORIS.id, since: midnight - 1000})));
        const [first, second] = screen.getAllByTestId('role');
        expect(first).toHaveTextContent('CommunicationsKeeps customers informed.Nobody yet');
        expect(second).toHaveTextContent(/^OperationsBoris Kleinsince \w{3} \d\d/);
    });

    it('are given to somebody at once, with their tasks', async () => {
        const ofRole = {kind: 'role', role: 'communications'} as const;
        const tasks = [aTask({assignment: ofRole}), aTask({assignee_id: ME.id}), aTask({assignment: ofRole, state: 'closed', assignee_id: ME.id})];
        const incident = {...withRoles(aRole()), checklists: [aStage({items: tasks})]};
        const {answer, give} = later();
        const url = `/incidents/${incident.id}/roles/communications`;
        const {server} = show(incident, {[`PUT ${url}`]: () => answer});
        await userEvent.click(screen.getByText('Nobody yet'));
        const options = await screen.findAllByRole('option');
        expect(options[0]).toHaveTextContent('(gives you the role)');
        await userEvent.click(options[1]!);
        expect(screen.getByTestId('role')).toHaveTextContent(/Boris Kleinsince \d/);
        expect(screen.getByRole('status', {name: ''})).toHaveTextContent(`${BORIS.id},${ME.id},${ME.id}`);
        expect(server.to('PUT', url)[0]?.body).toEqual({user_id: BORIS.id});
        const changed = {...incident, revision: 2, roles: {roles: [aRole({holder_id: BORIS.id, since: Date.now()})]}};
        await act(async () => give({body: changed}));
        expect(screen.getByTestId('role')).toHaveTextContent('Boris Klein');
        expect(incidents.confirmed(incident.channel_id)?.revision).toBe(2);
    });

    it('are taken away, and a refusal undoes and explains it', async () => {
        const incident = withRoles(aRole({holder_id: BORIS.id, since: 1}));
        const url = `/incidents/${incident.id}/roles/communications`;
        const {server} = show(incident, {[`PUT ${url}`]: {status: 403, body: {error: 'You are not in this channel.'}}});
        await userEvent.click(screen.getByTitle('Communications: choose who has it'));
        await userEvent.click(await screen.findByRole('button', {name: 'Nobody'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The role could not be given. You are not in this channel.');
        expect(screen.getByTestId('role')).toHaveTextContent('Boris Klein');
        expect(server.to('PUT', url)[0]?.body).toEqual({user_id: ''});
    });

    it('tell for whom an empty one was meant', () => {
        show(withRoles(aRole({missing_id: BORIS.id})));
        expect(screen.getByTestId('role')).toHaveTextContent('Meant for Boris Klein, who could not be added to the channel.');
    });
});

describe('an offer of command', () => {
    const pending = (handoff: Partial<Handoff> = {}, incident: Partial<Incident> = {}) => anIncident({roles: {roles: [], handoff: aHandoff(handoff)}, ...incident});
    const url = ({id}: Incident, how: string) => `/incidents/${id}/handoff/handoff1/${how}`;
    const over = (incident: Incident, values: Partial<Incident> = {}): Incident => ({...incident, roles: undefined, revision: 2, ...values});

    it('is withdrawn by the giver, who is not told of it', async () => {
        const incident = pending();
        const {server} = show(incident, {[`POST ${url(incident, 'withdraw')}`]: {body: over(incident)}});
        expect(screen.getByTestId('handoff')).toHaveTextContent(/^Waiting for Boris Klein to take command\. The offer ends at .*\d:\d\d.*\.Withdraw$/);
        await userEvent.click(screen.getByRole('button', {name: 'Withdraw'}));
        await waitFor(() => expect(screen.queryByTestId('handoff')).not.toBeInTheDocument());
        expect(server.to('POST', url(incident, 'withdraw'))).toHaveLength(1);
        expect(screen.queryByTestId('handoff-outcome')).not.toBeInTheDocument();
    });

    it.each([['Accept', 'accept'], ['Decline', 'decline']])('the receiver answers with %s', async (name, how) => {
        const incident = pending({to_user_id: ME.id, by_user_id: BORIS.id}, {commander_user_id: BORIS.id});
        const {server} = show(incident, {[`POST ${url(incident, how)}`]: {body: over(incident, how === 'accept' ? {commander_user_id: ME.id} : {})}});
        expect(within(screen.getByTestId('head')).getByTestId('handoff')).toHaveTextContent('Boris Klein asks you to take command.');
        await userEvent.click(screen.getByRole('button', {name}));
        await waitFor(() => expect(screen.queryByTestId('handoff')).not.toBeInTheDocument());
        expect(server.to('POST', url(incident, how))).toHaveLength(1);
        expect(screen.queryByTestId('handoff-outcome')).not.toBeInTheDocument();
    });

    it.each<[string, Partial<Handoff>, boolean]>([
        ['the receiver at the head of the sidebar', {to_user_id: ME.id, by_user_id: BORIS.id}, true],
        ['the giver below the commander', {}, false],
        ['others below the commander', {to_user_id: CHEN.id, by_user_id: BORIS.id}, false],
    ])('is shown to %s, and once; so is how it ended', async (_who, handoff, isAtHead) => {
        const incident = pending(handoff, {commander_user_id: BORIS.id});
        show(incident);
        const head = screen.getByTestId('head');
        expect(head.contains(screen.getByTestId('handoff'))).toBe(isAtHead);
        await happens(() => incidents.receive(over(incident, {commander_user_id: CHEN.id})));
        const outcomes = screen.queryAllByTestId('handoff-outcome');
        expect(outcomes.map((one) => head.contains(one))).toEqual(handoff.to_user_id === CHEN.id ? [] : [isAtHead]);
    });

    it('can be withdrawn by nobody else', () => {
        show(pending({to_user_id: CHEN.id, by_user_id: BORIS.id}, {commander_user_id: BORIS.id}));
        expect(within(screen.getByTestId('handoff')).queryByRole('button')).not.toBeInTheDocument();
    });

    it('that is over already is taken off the screen, and the refusal explained', async () => {
        const incident = pending({to_user_id: ME.id, by_user_id: BORIS.id}, {commander_user_id: BORIS.id});
        show(incident, {
            [`POST ${url(incident, 'accept')}`]: {status: 409, body: {error: 'over', code: 'handoff.over'}},
            [`GET /incidents/channel/${incident.channel_id}`]: {body: over(incident)},
        });
        await userEvent.click(screen.getByRole('button', {name: 'Accept'}));
        expect(await screen.findByText('The offer was over already.')).toBeInTheDocument();
        expect(screen.queryByTestId('handoff')).not.toBeInTheDocument();
    });

    it('ends by itself when its time is over', async () => {
        vi.useFakeTimers({toFake: ['Date', 'setInterval', 'clearInterval']});
        try {
            show(pending({expires_at: Date.now() + 2000}));
            expect(screen.getByTestId('handoff')).toBeInTheDocument();
            act(() => {
                vi.advanceTimersByTime(3000);
            });
            expect(screen.queryByTestId('handoff')).not.toBeInTheDocument();
        } finally {
            vi.useRealTimers();
        }
    });

    it.each<[string, Partial<Incident>, Partial<Handoff>, string]>([
        ['accepted', {commander_user_id: BORIS.id}, {}, 'Boris Klein has accepted and is the commander now.'],
        ['overtaken', {commander_user_id: CHEN.id}, {}, 'The offer to Boris Klein is over: the commander was changed meanwhile.'],
        ['declined', {}, {}, 'The offer to Boris Klein was declined or withdrawn. The commander is the same as before.'],
        ['lapsed', {}, {expires_at: Date.now() - 1}, 'Boris Klein did not answer in time. The commander is the same as before.'],
    ])('tells the giver live that it was %s, until that is dismissed', async (_, values, handoff, text) => {
        const incident = pending(handoff);
        show(incident);
        await happens(() => incidents.receive(over(incident, values)));
        expect(screen.getByTestId('handoff-outcome')).toHaveTextContent(text);
        await userEvent.click(screen.getByRole('button', {name: 'Dismiss'}));
        expect(screen.queryByTestId('handoff-outcome')).not.toBeInTheDocument();
    });

    it('is not told of to others', async () => {
        const incident = pending({to_user_id: CHEN.id, by_user_id: BORIS.id}, {commander_user_id: BORIS.id});
        show(incident);
        await happens(() => incidents.receive(over(incident, {commander_user_id: CHEN.id})));
        expect(screen.queryByTestId('handoff-outcome')).not.toBeInTheDocument();
    });

    it('has exactly one outcome', () => {
        const handoff = aHandoff({expires_at: 100});
        expect(outcomeOf(handoff, ME.id, anIncident({commander_user_id: BORIS.id}), 200)).toBe('accepted');
        expect(outcomeOf(handoff, ME.id, anIncident({commander_user_id: CHEN.id}), 200)).toBe('overtaken');
        expect(outcomeOf(handoff, ME.id, anIncident(), 100)).toBe('lapsed');
        expect(outcomeOf(handoff, ME.id, anIncident(), 99)).toBe('refused');
    });
});

describe('the dialog of the handoff', () => {
    function open(incident: Incident, routes: Parameters<typeof fakeServer>[0]) {
        const onClose = vi.fn();
        const server = fakeServer({'GET host:/users': {body: [BORIS, ME]}, ...routes});
        incidents.receive(incident);
        renderWithHost(
            <HandoffDialog
                incident={incident}
                onClose={onClose}
            />,
        );
        return {server, onClose};
    }

    it('sends the offer to one person', async () => {
        const incident = anIncident();
        const {server, onClose} = open(incident, {[`POST /incidents/${incident.id}/handoff`]: {status: 201, body: {...incident, revision: 2, roles: {roles: [], handoff: aHandoff()}}}});
        expect(screen.getByRole('button', {name: 'Send the Offer'})).toBeDisabled();
        await screen.findByRole('option', {name: /boris/});
        await userEvent.keyboard('{Enter}');
        expect(screen.getByRole('button', {name: 'Send the Offer'})).toHaveFocus();
        await userEvent.keyboard('{Enter}');
        await waitFor(() => expect(onClose).toHaveBeenCalled());
        expect(server.to('POST', `/incidents/${incident.id}/handoff`)[0]?.body).toEqual({user_id: BORIS.id});
        expect(incidents.confirmed(incident.channel_id)?.roles?.handoff?.to_user_id).toBe(BORIS.id);
    });

    it('an answer that comes late does not move the focus to the button that sends', async () => {
        const {answer, give} = later();
        const {onClose} = open(anIncident(), {'POST host:/users/search': () => answer});
        await screen.findByRole('option', {name: /boris/});
        await userEvent.keyboard('bor{Enter}');
        await userEvent.tab();
        const cancel = screen.getByRole('button', {name: 'Cancel'});
        expect(cancel).toHaveFocus();
        give({body: [BORIS]});
        await waitFor(() => expect(screen.queryByRole('combobox')).not.toBeInTheDocument());
        expect(cancel).toHaveFocus();
        expect(onClose).not.toHaveBeenCalled();
    });

    it('stays open when it is refused', async () => {
        const incident = anIncident();
        const {onClose} = open(incident, {
            [`POST /incidents/${incident.id}/handoff`]: {status: 409, body: {error: 'An offer is pending.', code: 'handoff.pending'}},
            [`GET /incidents/channel/${incident.channel_id}`]: {body: incident},
        });
        await userEvent.click(await screen.findByRole('option', {name: /boris/}));
        await userEvent.click(screen.getByRole('button', {name: 'Send the Offer'}));
        expect(await screen.findByRole('alert')).toHaveTextContent('The offer was not sent. An offer is pending.');
        expect(onClose).not.toHaveBeenCalled();
        await userEvent.click(screen.getByRole('button', {name: 'Choose somebody else'}));
        expect(await screen.findByRole('combobox')).toBeInTheDocument();
    });
});
