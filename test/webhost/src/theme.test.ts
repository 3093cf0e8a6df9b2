import {describe, expect, it} from 'vitest';

import {store} from './store';
import {currentTheme, rgbValues, themes, themeVariables} from './theme';

const withPreferences = (entries: Record<string, string>) => {
    const state = store.getState();
    const myPreferences = Object.fromEntries(Object.entries(entries).
        map(([name, value]) => [`theme--${name}`, {user_id: '', category: 'theme', name, value}]));
    return {...state, entities: {
        ...state.entities,
        teams: {...state.entities.teams, currentTeamId: 'team'},
        preferences: {myPreferences},
    }};
};

describe('themeVariables', () => {
    it('sets each colour as it is and as red, green, blue', () => {
        const variables = themeVariables(themes.light);
        expect(variables['--button-bg']).toBe('#1c58d9');
        expect(variables['--button-bg-rgb']).toBe('28,88,217');
        expect(variables['--sidebar-teambar-bg']).toBe('#14213e');
        expect(variables['--error-text']).toBe('#d24b4e');
        expect(variables['--error-text-color-rgb']).toBe('210,75,78');
        expect(variables).not.toHaveProperty('--code-theme');
    });

    it('reads short colours and refuses what is none', () => {
        expect(rgbValues('#fa0')).toBe('255,170,0');
        expect(rgbValues('red;}')).toBe('');
    });
});

describe('currentTheme', () => {
    it('prefers the team\'s theme to the one for all teams', () => {
        const state = withPreferences({'': '{"buttonBg":"#111111"}', team: '{"buttonBg":"#222222"}'});
        expect(currentTheme(state).buttonBg).toBe('#222222');
    });

    it('fills the colours a custom theme leaves out, and survives a broken one', () => {
        expect(currentTheme(withPreferences({'': '{"buttonBg":"#111111"}'})).linkColor).toBe(themes.light.linkColor);
        expect(currentTheme(withPreferences({'': 'no json'})).buttonBg).toBe(themes.light.buttonBg);
    });
});
