import type {State} from './store/types';
import values from './themes.json';
import type {Dictionary, Theme} from './types';

/** The two themes of this client's switch, with the values of Mattermost's own light and dark ones. */
export const themes: {light: Theme; dark: Theme} = values;

let last: {raw: string; theme: Theme} = {raw: '', theme: themes.light};

/** The theme of the user's preference for this team, else for all teams, else the light one. */
export function currentTheme(state: State): Theme {
    const preferences = state.entities.preferences.myPreferences;
    const raw = (preferences[`theme--${state.entities.teams.currentTeamId}`] ?? preferences['theme--'])?.value ?? '';
    if (raw !== last.raw || !raw) {
        let saved: Theme = {};
        try {
            saved = raw ? JSON.parse(raw) as Theme : {};
        } catch {
            // A preference that is no JSON was not written by a Mattermost client; the default is right.
        }
        last = {raw, theme: raw ? {...themes.light, ...saved} : themes.light};
    }
    return last.theme;
}

const rgb = (colour: string) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** `#1c58d9` as `28,88,217`; three-digit colours too. Anything else gives the empty text. */
export function rgbValues(colour: string): string {
    const full = (/^#[0-9a-f]{3}$/i).test(colour) ? colour.replace(/[0-9a-f]/gi, '$&$&') : colour;
    return (/^#[0-9a-f]{6}$/i).test(full) ? rgb(full).join(',') : '';
}

// Names of the variables where they are not just the dashed name of the theme's key.
const renamed: Dictionary<string> = {sidebarTeamBarBg: 'sidebar-teambar-bg', errorTextColor: 'error-text'};
const renamedRgb: Dictionary<string> = {sidebarTeamBarBg: 'sidebar-teambar-bg', errorTextColor: 'error-text-color'};
const skipped = new Set(['type', 'codeTheme', 'mentionBj']);
const dashed = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function themeVariables(theme: Theme): Dictionary<string> {
    const variables: Dictionary<string> = {};
    for (const [key, colour] of Object.entries(theme)) {
        const values = rgbValues(colour ?? '');
        if (skipped.has(key) || !values) {
            continue;
        }
        variables[`--${renamed[key] ?? dashed(key)}`] = colour;
        variables[`--${renamedRgb[key] ?? dashed(key)}-rgb`] = values;
    }
    return variables;
}

export function applyTheme(theme: Theme) {
    const root = document.documentElement;
    for (const [name, value] of Object.entries(themeVariables(theme))) {
        root.style.setProperty(name, value);
    }
}
