import {expect, it} from 'vitest';

import {incidentIn} from 'src/realtime/payload';
import {toSummary} from 'src/store/summary';
import {anIncident, aStage, aTask} from 'src/testing/factories';
import {Incident} from 'src/types/incident';

const whole: Partial<Incident> = {
    severity: {key: 'SEV1', levels: [{key: 'SEV1', name: 'Critical', description: '', color: 'red', update_seconds: 0}]},
    roles: {roles: [{key: 'scribe', name: 'Scribe', description: '', holder_id: '', since: 0}], handoff: {id: 'h', to_user_id: 'a', by_user_id: 'b', at: 1, expires_at: 2}},
    clock: {next_update_at: 1, overdue_since: 0},
    stage_clock: {stage: 0, since: 1, due_at: 2, reached_at: 0},
};
const taken = (incident: object) => incidentIn(JSON.stringify(incident)) !== undefined;

it('an incident with what capabilities keep is taken, and its row is short', () => {
    const incident = anIncident({...whole, checklists: [aStage({limit_seconds: 60, items: [aTask({assignment: {kind: 'commander'}})]})]});
    expect(incidentIn(JSON.stringify(incident))).toEqual(incident);
    const row = toSummary(incident);
    expect(row.severity).toEqual({key: 'SEV1', name: 'Critical', color: 'red'});
    expect(row.clock).toEqual(whole.clock);
    expect(row).not.toHaveProperty('roles');
    expect(row).not.toHaveProperty('stage_clock');
    expect(toSummary(anIncident({severity: {...whole.severity!, key: ''}}))).not.toHaveProperty('severity');
});

it.each<[string, object]>([
    ['severity without levels', {severity: {key: 'SEV1'}}],
    ['a level without a name', {severity: {key: '', levels: [{...whole.severity!.levels[0], name: undefined}]}}],
    ['severity that is no object', {severity: 'SEV1'}],
    ['roles without a list', {roles: {}}],
    ['a handoff without a time', {roles: {roles: [], handoff: {id: 'h', to_user_id: 'a', by_user_id: 'b', at: '1', expires_at: 2}}}],
    ['a clock with texts', {clock: {next_update_at: '1', overdue_since: 0}}],
    ['half a clock of the stage', {stage_clock: {stage: 0}}],
])('%s is not taken', (_what, broken) => {
    expect(taken({...anIncident(whole), ...broken})).toBe(false);
});

it('a task or a stage with another form of them is not taken', () => {
    expect(taken({...anIncident(), checklists: [{...aStage(), limit_seconds: '60'}]})).toBe(false);
    expect(taken({...anIncident(), checklists: [aStage({items: [{...aTask(), assignment: {} as never}]})]})).toBe(false);
});
