import {expect, it} from 'vitest';

import {capabilities} from 'src/capabilities/all';
import {Capability} from 'src/capabilities/capability';
import {draftOf} from 'src/playbook/draft';
import {rowOf} from 'src/store/my_incidents';
import {toSummary} from 'src/store/summary';
import {anIncident, aPlaybook, aStage, aTask, BORIS, ME} from 'src/testing/factories';
import {Incident} from 'src/types/incident';

/**
 * Capabilities of which nobody sees anything who does not use them, but for a tab of the editor, entries of its menus, and an entry in
 * the list in which the commander is changed.
 */
const OPTIONAL = ['severity', 'clock', 'stagelimits', 'roles', 'channel'];

const optional = capabilities.filter(({name}) => OPTIONAL.includes(name));

/** Places whose parts say themselves whether they are shown. */
const ASKED: Array<keyof Capability> = ['badge', 'sidebarHead', 'summaryDetails', 'stageDetails', 'rowDetails', 'pageDetails', 'listColumn', 'stageSetting', 'taskSetting', 'restartDialog'];

/** Places that are there only where the capability is offered. */
const OFFERED: Array<keyof Capability> = ['isOffered', 'pageSection', 'commanderAction'];

/** The places where something is shown of an incident, and of the row that lists have of it. */
function shownOf(incident: Incident): string[] {
    const row = toSummary(incident);
    return optional.flatMap((one) => [
        ...(['badge', 'sidebarHead', 'summaryDetails', 'stageDetails', 'pageDetails'] as const).filter((place) => one[place]?.isShown({incident})),
        ...(one.restartDialog?.isShown({incident}) ? ['restartDialog'] : []),
        ...(one.pageSection && one.isOffered?.(incident) !== false ? ['pageSection'] : []),
        ...(one.badge?.isShown({incident: row}) ? ['badge of the row'] : []),
        ...(one.rowDetails?.isShown({incident: rowOf(incident)}) ? ['rowDetails'] : []),
        ...(one.listColumn?.isUsed(row) ? ['listColumn'] : []),
    ].map((place) => `${one.name}: ${place}`));
}

it('their parts are only in places that ask whether there is something to show', () => {
    expect(optional).toHaveLength(OPTIONAL.length);
    optional.forEach((one) => {
        const others = Object.keys(one).filter((key) => !['name', 'describeChange', 'editorTab', ...ASKED, ...OFFERED].includes(key));
        expect(others, one.name).toEqual([]);
    });
});

it.each<[string, Partial<Incident>]>([
    ['with stages', {checklists: [aStage(), aStage()]}],
    ['without stages', {checklists: []}],
    ['that has ended', {is_active: false, end_at: Date.now()}],
    ['of a server before version 2.0.0', {revision: undefined}],
])('an incident %s that uses none of them has nothing more to show', (_which, incident) => {
    expect(shownOf(anIncident(incident))).toEqual([]);
});

it('an incident that uses them has', () => {
    const now = Date.now();
    expect(shownOf(anIncident({
        severity: {key: 'SEV1', levels: [{key: 'SEV1', name: 'Critical', description: '', color: 'red', update_seconds: 0}]},
        clock: {next_update_at: now + 60_000, overdue_since: 0},
        stage_clock: {stage: 0, since: now, due_at: now + 120_000, reached_at: 0},
        roles: {roles: [{key: 'communications', name: 'Communications', description: '', holder_id: '', since: 0}]},
    }))).toEqual([
        'severity: badge', 'severity: summaryDetails', 'severity: pageDetails', 'severity: badge of the row', 'severity: listColumn',
        'clock: summaryDetails', 'clock: pageDetails', 'clock: rowDetails',
        'stagelimits: stageDetails',
        'roles: summaryDetails', 'roles: pageSection',
    ]);
});

it('an ended incident whose channel is to be archived has it on sidebar and page, and one that is archived also asks before the restart', () => {
    const now = Date.now();
    const ended = {is_active: false, end_at: now};
    expect(shownOf(anIncident({channel: {archive_after_days: 7, archive_at: 0, archived_at: 0}}))).toEqual(['channel: pageDetails']);
    expect(shownOf(anIncident({...ended, channel: {archive_after_days: 7, archive_at: now + 60_000, archived_at: 0}}))).toEqual(['channel: summaryDetails', 'channel: pageDetails']);
    expect(shownOf(anIncident({...ended, channel: {archive_at: 0, archived_at: now}}))).toEqual(['channel: summaryDetails', 'channel: pageDetails', 'channel: restartDialog']);
});

it('an incident without roles whose command is offered shows the offer only', () => {
    const handoff = {id: 'h', to_user_id: BORIS.id, by_user_id: ME.id, at: Date.now(), expires_at: Date.now() + 60_000};
    expect(shownOf(anIncident({roles: {roles: [], handoff}}))).toEqual(['roles: sidebarHead', 'roles: summaryDetails']);
});

it('the editor of a playbook that uses none of them shows no setting', () => {
    const draft = draftOf(aPlaybook({checklists: [aStage({items: [aTask()]})]}));
    expect(optional.flatMap(({stageSetting}) => draft.stages.filter((stage) => stageSetting?.isSet(stage)))).toEqual([]);
    expect(optional.flatMap(({taskSetting}) => draft.stages.flatMap(({tasks}) => tasks).filter((task) => taskSetting?.isShown(task, draft.own)))).toEqual([]);
    expect(optional.every(({editorTab}) => editorTab?.isValid?.(draft) !== false)).toBe(true);
});
