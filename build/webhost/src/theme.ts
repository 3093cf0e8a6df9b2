import type {State} from './store/types';
import type {Dictionary, Theme} from './types';

const light: Theme = {
    type: 'Denim', sidebarBg: '#1e325c', sidebarText: '#ffffff', sidebarUnreadText: '#ffffff',
    sidebarTextHoverBg: '#28427b', sidebarTextActiveBorder: '#5d89ea', sidebarTextActiveColor: '#ffffff',
    sidebarHeaderBg: '#192a4d', sidebarHeaderTextColor: '#ffffff', sidebarTeamBarBg: '#14213e',
    onlineIndicator: '#3db887', awayIndicator: '#ffbc1f', dndIndicator: '#d24b4e', mentionBg: '#ffffff',
    mentionBj: '#ffffff', mentionColor: '#1e325c', centerChannelBg: '#ffffff', centerChannelColor: '#3f4350',
    newMessageSeparator: '#cc8f00', linkColor: '#386fe5', buttonBg: '#1c58d9', buttonColor: '#ffffff',
    errorTextColor: '#d24b4e', mentionHighlightBg: '#ffd470', mentionHighlightLink: '#1b1d22', codeTheme: 'github',
};

const dark: Theme = {
    type: 'Onyx', sidebarBg: '#121317', sidebarText: '#ffffff', sidebarUnreadText: '#ffffff',
    sidebarTextHoverBg: '#25262a', sidebarTextActiveBorder: '#1592e0', sidebarTextActiveColor: '#ffffff',
    sidebarHeaderBg: '#1b1d22', sidebarHeaderTextColor: '#dddfe4', sidebarTeamBarBg: '#000000',
    onlineIndicator: '#3db887', awayIndicator: '#f5ab00', dndIndicator: '#d24b4e', mentionBg: '#1c58d9',
    mentionBj: '#1c58d9', mentionColor: '#ffffff', centerChannelBg: '#090a0b', centerChannelColor: '#dddfe4',
    newMessageSeparator: '#1adbdb', linkColor: '#5d89ea', buttonBg: '#386fe5', buttonColor: '#ffffff',
    errorTextColor: '#da6c6e', mentionHighlightBg: '#0d6e6e', mentionHighlightLink: '#a4f4f4', codeTheme: 'monokai',
};

/** The two themes of this client's switch, with the values of Mattermost's own light and dark ones. */
export const themes = {light, dark};

let last: {raw: string; theme: Theme} = {raw: '', theme: light};

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
        last = {raw, theme: raw ? {...light, ...saved} : light};
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
    const [red = 255, green = 255, blue = 255] = rgb(theme.centerChannelBg ?? '#ffffff');
    root.style.colorScheme = (red * 299) + (green * 587) + (blue * 114) < 128_000 ? 'dark' : 'light';
}
