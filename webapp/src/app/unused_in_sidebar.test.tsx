import React from 'react';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

// Read before the first test, so that it is not slower than the others.
import 'src/features/incident_sidebar/sidebar';
import {anIncident, aStage, aTask, ME} from 'src/testing/factories';
import {fakeServer} from 'src/testing/server';
import {Incident} from 'src/types/incident';

const OPTIONAL = ['severity', 'clock', 'stagelimits', 'roles', 'channel'];

beforeEach(() => {
    // Times are the same both times.
    vi.useFakeTimers({toFake: ['Date'], now: new Date(2026, 10, 30, 12)});
});

afterEach(() => {
    vi.useRealTimers();
    vi.doUnmock('src/capabilities/all');
    vi.resetModules();
});

/** What the sidebar has of an incident, in an application without some of the capabilities. */
async function sidebar(incident: Incident, tab: string, leftOut: string[] = []): Promise<string> {
    vi.resetModules();
    vi.doMock('src/capabilities/all', async (importOriginal) => {
        const {capabilities} = await importOriginal<typeof import('src/capabilities/all')>();
        return {capabilities: capabilities.filter(({name}) => !leftOut.includes(name))};
    });
    const host = await import('src/testing/host');
    const {incidents} = await import('src/testing/incidents');
    const {chooseTab} = await import('src/state/reducer');
    const {Sidebar} = await import('src/features/incident_sidebar/sidebar');
    const {SidebarTitle} = await import('src/features/incident_sidebar/sidebar_title');
    fakeServer();
    host.freshHost();
    const store = host.hostStore();
    incidents.receive(incident);
    host.goTo(store, incident.channel_id);
    store.dispatch(chooseTab(incident.channel_id, tab));
    const {container, unmount} = host.renderWithHost(<><SidebarTitle/><Sidebar/></>, {store});

    // Until the code of all parts is there and nothing changes any more.
    let html = '';
    while (html !== container.innerHTML) {
        html = container.innerHTML;
        await vi.dynamicImportSettled();
        await host.happens(() => undefined);
    }
    unmount();
    return html;
}

const minutes = (count: number) => Date.now() - (count * 60_000);

describe.each(['summary', 'tasks'])('the tab %s', (tab) => {
    it.each<[string, () => Partial<Incident>]>([
        ['with stages and assignees', () => ({checklists: [aStage({items: [aTask({assignee_id: ME.id}), aTask()]}), aStage()]})],
        ['without stages', () => ({checklists: []})],
        ['that has ended', () => ({is_active: false, end_at: minutes(1)})],
    ])('of an incident %s that uses none of them is the same as without their code', async (_which, values) => {
        const incident = anIncident({create_at: minutes(90), ...values()});
        const withThem = await sidebar(incident, tab);
        expect(withThem).toContain(incident.name);
        expect(withThem).toBe(await sidebar(incident, tab, OPTIONAL));
    });
});

it('of an incident with roles it is another one', async () => {
    const incident = anIncident({roles: {roles: [{key: 'communications', name: 'Communications', description: '', holder_id: '', since: 0}]}});
    expect(await sidebar(incident, 'summary')).toContain('Communications');
    expect(await sidebar(incident, 'summary', OPTIONAL)).not.toContain('Communications');
});
