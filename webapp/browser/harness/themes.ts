import ours from '../../../test/webhost/src/themes.json';

const {light} = ours;

/** Light brown with green buttons. */
const custom: typeof light = {
    ...light, type: 'custom', centerChannelBg: '#f5ecd7', centerChannelColor: '#4a3b24', linkColor: '#7a4a00',
    buttonBg: '#1d6b3a', buttonColor: '#fffdf5', errorTextColor: '#a3201a', sidebarBg: '#3d2f1c', sidebarHeaderBg: '#2e2314',
};

/** Mattermost's own light and dark themes, and one as a user may make it. */
export const themes = {...ours, custom};
export type ThemeName = keyof typeof themes;
