import {act, screen} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useReducer} from 'react';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';

import {stagelimits} from 'src/capabilities/stagelimits';
import StageLimit from 'src/capabilities/stagelimits/remaining';
import LimitSetting from 'src/capabilities/stagelimits/setting';
import {Draft, draftOf, edit, toPlaybook} from 'src/playbook/draft';
import {anIncident, aPlaybook, aStage} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {Incident} from 'src/types/incident';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 5, 1, 12);

beforeEach(() => {
    freshHost();
});
afterEach(() => {
    vi.useRealTimers();
});

const limited = (minutes: number, more: Partial<Incident> = {}) => anIncident({
    checklists: [aStage({title: 'Mitigate', limit_seconds: 3600}), aStage()],
    stage_clock: {stage: 0, since: NOW, due_at: NOW + (minutes * MINUTE), reached_at: 0},
    ...more,
});

it('says what is left of the stage, and since when the limit is over', () => {
    vi.useFakeTimers({now: NOW});
    renderWithHost(<StageLimit incident={limited(2)}/>);
    const line = screen.getByTestId('stage-limit');
    expect(line).toHaveTextContent(/^2m left in Mitigate$/);
    act(() => void vi.advanceTimersByTime(5 * MINUTE));
    expect(line).toHaveTextContent(/^Over the time limit for 3m$/);
    expect(line.closest('[aria-live], [role=status], [role=alert]')).toBeNull();
});

it('is there only for a stage with a limit, while it is the current one', () => {
    const isShown = (incident: Incident) => stagelimits.stageDetails!.isShown({incident});
    expect(isShown(limited(5))).toBe(true);
    expect(isShown(limited(5, {is_active: false}))).toBe(false);
    expect(isShown(limited(5, {active_stage: 1}))).toBe(false);
    expect(isShown(anIncident())).toBe(false);
});

it('is set and taken away in the editor', async () => {
    let draft: Draft | undefined;
    const playbook = aPlaybook({checklists: [aStage({title: 'Mitigate', limit_seconds: 1800}), aStage()]});
    function Editor() {
        const [now, dispatch] = useReducer(edit, draftOf(playbook));
        draft = now;
        return now.stages[0] ? (
            <LimitSetting
                stage={now.stages[0]}
                dispatch={dispatch}
                isNew={false}
            />
        ) : null;
    }
    const sent = () => draft && toPlaybook(draft, playbook, {playbook: '', stage: '', task: ''}).checklists.map(({limit_seconds: seconds}) => seconds);
    renderWithHost(<Editor/>);
    const field = screen.getByLabelText('Time limit of Mitigate');
    expect(field).toHaveDisplayValue('30m');
    expect(sent()).toEqual([1800, undefined]);
    await userEvent.selectOptions(field, '2h');
    expect(sent()).toEqual([7200, undefined]);
    await userEvent.selectOptions(field, 'No limit');
    expect(sent()).toEqual([0, undefined]);
    expect(draft?.stages.map((stage) => stagelimits.stageSetting!.isSet(stage))).toEqual([false, false]);
});
