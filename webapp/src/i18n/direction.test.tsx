import {screen} from '@testing-library/react';
import React from 'react';
import {beforeEach, describe, expect, it} from 'vitest';

import {IncidentCard} from 'src/features/incident_sidebar/incident_card';
import {StageBlock} from 'src/features/incident_sidebar/stage_block';
import {StageChooser} from 'src/features/incident_sidebar/stage_chooser';
import {shownLocale} from 'src/i18n/locales';
import {rowOf} from 'src/store/my_incidents';
import {anIncident, aStage, ME} from 'src/testing/factories';
import {change, freshHost, hostStore, renderWithHost} from 'src/testing/host';
import {TextArea, TextField} from 'src/ui/field';
import {Root} from 'src/ui/root';
import {CutText} from 'src/ui/table';

function hostWith(locale: string) {
    const store = hostStore();
    change(store, (state) => ({...state, entities: {...state.entities, users: {...state.entities.users, profiles: {[ME.id]: {...ME, locale}}}}}));
    return store;
}

beforeEach(() => {
    freshHost();
});

it('texts that stand in for a language are shown as they are read', () => {
    expect(['ar', 'fa', 'he-IL', 'ur'].map((locale) => shownLocale(locale, {}))).toEqual(['en', 'en', 'en', 'en']);
    expect(['de', 'fr', 'ja'].map((locale) => shownLocale(locale, {}))).toEqual(['de', 'fr', 'ja']);
    expect(shownLocale('he-IL', {'ui.cancel': 'ביטול'})).toBe('he-IL');
});

it.each(['ar', 'fa', 'he'])('the frame of an account in %s is that of the English texts in it', (locale) => {
    const stage = aStage({title: 'شبكة'});
    const incident = anIncident({checklists: [stage, aStage({title: 'Two'})]});
    renderWithHost((
        <Root data-testid='root'>
            <StageChooser
                incident={incident}
                stage={stage}
                isCurrent={true}
                onChoose={() => undefined}
            />
        </Root>
    ), {store: hostWith(locale)});
    expect(screen.getByTestId('root')).toHaveAttribute('dir', 'ltr');
    expect(screen.getByTestId('task-count')).toHaveTextContent(/^\d remaining, \d finished$/);
    expect(screen.getAllByRole('option').map(({textContent}) => textContent)).toEqual(['1. \u2068شبكة\u2069 (current)', '2. Two']);
});

describe.each(['תקלה ברשת (1)', 'خلل ٢', 'Disk full'])('“%s” is in its own direction', (text) => {
    /** Nearest element that gives the text a direction of its own. */
    const own = (element: HTMLElement) => element.closest('bdi, [dir=auto]');

    it('in a card of the list', () => {
        renderWithHost((
            <IncidentCard
                incident={rowOf(anIncident({name: text, active_stage_title: `stage ${text}`}))}
                isCurrent={false}
                onGo={() => undefined}
            />
        ));
        expect(own(screen.getByText(text))).not.toBeNull();
        expect(own(screen.getByText(`stage ${text}`))).not.toBeNull();
    });

    it('as the current stage', () => {
        renderWithHost(<StageBlock incident={anIncident({checklists: [aStage({title: text}), aStage({title: 'Two'})]})}/>);
        expect(own(screen.getByText(text))).not.toBeNull();
    });

    it('in a table and in fields', () => {
        renderWithHost((
            <>
                <CutText text={text}/>
                <TextField
                    label='line'
                    value={text}
                    readOnly={true}
                />
                <TextArea
                    label='lines'
                    value={text}
                    readOnly={true}
                />
            </>
        ));
        expect(own(screen.getByText(text, {selector: 'span'}))).not.toBeNull();
        expect(screen.getByLabelText('line')).toHaveAttribute('dir', 'auto');
        expect(screen.getByLabelText('lines')).toHaveAttribute('dir', 'auto');
    });
});
