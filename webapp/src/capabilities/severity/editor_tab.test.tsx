import {fireEvent, screen, within} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, {useReducer} from 'react';
import {beforeEach, expect, it} from 'vitest';

import {severity as capability} from 'src/capabilities/severity';
import SeverityTab from 'src/capabilities/severity/editor_tab';
import {Draft, draftOf, edit} from 'src/playbook/draft';
import {aPlaybook, TEAM} from 'src/testing/factories';
import {freshHost, renderWithHost} from 'src/testing/host';
import {PlaybookSeverity} from 'src/types/severity';

let draft: Draft;

function Editor({severity, isChecked}: {severity?: PlaybookSeverity; isChecked: boolean}) {
    const [now, dispatch] = useReducer(edit, draftOf(aPlaybook({severity})));
    draft = now;
    return (
        <SeverityTab
            teamId={TEAM.id}
            draft={now}
            unsaved={undefined}
            setUnsaved={() => undefined}
            {...{dispatch, isChecked}}
        />
    );
}

const show = (severity?: PlaybookSeverity, isChecked = false) => renderWithHost((
    <Editor
        severity={severity}
        isChecked={isChecked}
    />
));
const levels = () => draft.own.severity?.levels ?? [];
const keys = () => levels().map(({key}) => key);
const row = (key: string) => within(screen.getByRole('listitem', {name: `Level ${key}`}));
const press = (name: string) => userEvent.click(screen.getByRole('button', {name}));
const two: PlaybookSeverity = {
    levels: [
        {key: 'P1', name: 'Bad', description: '', color: 'red', update_seconds: 1800},
        {key: 'P2', name: 'Not bad', description: '', color: 'blue', update_seconds: 0},
    ],
    default: 'P2',
};

beforeEach(() => {
    freshHost();
});

it('a playbook without levels gets the usual four by one press', async () => {
    show();
    expect(screen.queryAllByRole('listitem')).toHaveLength(0);
    await press('Use the Usual Four');
    expect(keys()).toEqual(['SEV1', 'SEV2', 'SEV3', 'SEV4']);
    expect(levels().every(({name, description, update_seconds: seconds}) => name && description && seconds >= 60)).toBe(true);
    expect(draft.own.severity?.default).toBe('SEV3');
    expect(screen.queryByRole('button', {name: 'Use the Usual Four'})).not.toBeInTheDocument();
});

it('all fields of a level are edited', async () => {
    show();
    await press('Add a Level');
    expect(row('SEV1').getByLabelText('Key')).toHaveFocus();
    fireEvent.change(row('SEV1').getByLabelText('Key'), {target: {value: ' P1 '}});
    fireEvent.blur(row('P1').getByLabelText('Key'));
    await userEvent.type(row('P1').getByLabelText('Name'), 'Bad');
    await userEvent.type(row('P1').getByLabelText('When to choose it'), 'All is down.');
    await userEvent.selectOptions(row('P1').getByLabelText('Color'), 'Purple');
    await userEvent.selectOptions(row('P1').getByLabelText('Status updates are due every'), '45m');
    expect(levels()).toEqual([{key: 'P1', name: 'Bad', description: 'All is down.', color: 'purple', update_seconds: 2700}]);
    await userEvent.selectOptions(screen.getByLabelText('Incidents start with'), 'P1 – Bad');
    expect(draft.own.severity?.default).toBe('P1');
});

it('an interval of other clients is kept', () => {
    show({...two, levels: [{...two.levels[0]!, update_seconds: 3660}]});
    expect(row('P1').getByLabelText('Status updates are due every')).toHaveDisplayValue('1h 1m');
});

it('says at the field what is wrong', async () => {
    show(two);
    const key = () => screen.getAllByLabelText('Key')[1]!;
    fireEvent.change(key(), {target: {value: 'P3'}});
    expect(keys()).toEqual(['P1', 'P3']);
    fireEvent.change(key(), {target: {value: 'P'}});
    fireEvent.change(key(), {target: {value: 'p1'}});
    expect(key()).not.toHaveAttribute('aria-invalid');
    fireEvent.blur(key());
    expect(key()).toHaveAttribute('aria-invalid', 'true');
    expect(key()).toHaveAccessibleDescription('Another level has this key.');
    fireEvent.change(key(), {target: {value: 'P 2'}});

    // In the draft already, as a save that leaves no field, such as by voice, must not store what stood there before.
    expect(keys()).toEqual(['P1', 'P 2']);
    expect(capability.editorTab?.isValid?.(draft)).toBe(false);
    expect(key()).not.toHaveAttribute('aria-invalid');
    fireEvent.blur(key());
    expect(key()).toHaveAccessibleDescription('Only letters without accents, digits, “-” and “_”, at most 16.');
    const name = screen.getAllByLabelText('Name')[0]!;
    await userEvent.clear(name);
    expect(name).not.toHaveAttribute('aria-invalid');
    fireEvent.blur(name);
    expect(name).toHaveAccessibleDescription('Give the level a name, such as Critical.');
});

it('says what is missing when saving was refused', () => {
    show({levels: [{...two.levels[0]!, name: ''}], default: ''}, true);
    expect(screen.getByLabelText('Name')).toHaveAttribute('aria-invalid', 'true');
});

it('levels are moved by keyboard and by the menu', async () => {
    show(two);
    fireEvent.keyDown(row('P1').getByRole('button', {name: 'Move the level P1'}), {key: 'ArrowDown'});
    expect(keys()).toEqual(['P2', 'P1']);
    await userEvent.click(row('P1').getByRole('button', {name: 'Actions for the level P1'}));
    expect(screen.queryByRole('menuitem', {name: 'Move Down'})).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('menuitem', {name: 'Move Up'}));
    expect(keys()).toEqual(['P1', 'P2']);
    expect(draft.own.severity?.default).toBe('P2');
});

it('the last level that is removed leaves a playbook without levels', async () => {
    show(two);
    for (const key of ['P2', 'P1']) {
        await userEvent.click(row(key).getByRole('button', {name: `Actions for the level ${key}`}));
        await userEvent.click(screen.getByRole('menuitem', {name: 'Remove Level'}));
    }
    expect(draft.own.severity).toBeUndefined();
    expect(screen.queryByLabelText('Incidents start with')).not.toBeInTheDocument();
});

it('there are at most six', async () => {
    show();
    await press('Use the Usual Four');
    await press('Add a Level');
    await press('Add a Level');
    expect(screen.getByRole('button', {name: 'Add a Level'})).toBeDisabled();
    expect(screen.getByText('A playbook has at most 6 levels.').closest('[role=status]')).not.toBeNull();
});
