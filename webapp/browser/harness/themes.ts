/** Values of Mattermost's own themes, and of one as a user may make it. */
const light = {
    type: 'Denim', sidebarBg: '#1e325c', sidebarText: '#ffffff', sidebarUnreadText: '#ffffff',
    sidebarTextHoverBg: '#28427b', sidebarTextActiveBorder: '#5d89ea', sidebarTextActiveColor: '#ffffff',
    sidebarHeaderBg: '#192a4d', sidebarHeaderTextColor: '#ffffff', sidebarTeamBarBg: '#14213e',
    onlineIndicator: '#3db887', awayIndicator: '#ffbc1f', dndIndicator: '#d24b4e', mentionBg: '#ffffff',
    mentionBj: '#ffffff', mentionColor: '#1e325c', centerChannelBg: '#ffffff', centerChannelColor: '#3f4350',
    newMessageSeparator: '#cc8f00', linkColor: '#386fe5', buttonBg: '#1c58d9', buttonColor: '#ffffff',
    errorTextColor: '#d24b4e', mentionHighlightBg: '#ffd470', mentionHighlightLink: '#1b1d22', codeTheme: 'github',
};

const dark: typeof light = {
    type: 'Onyx', sidebarBg: '#121317', sidebarText: '#ffffff', sidebarUnreadText: '#ffffff',
    sidebarTextHoverBg: '#25262a', sidebarTextActiveBorder: '#1592e0', sidebarTextActiveColor: '#ffffff',
    sidebarHeaderBg: '#1b1d22', sidebarHeaderTextColor: '#dddfe4', sidebarTeamBarBg: '#000000',
    onlineIndicator: '#3db887', awayIndicator: '#f5ab00', dndIndicator: '#d24b4e', mentionBg: '#1c58d9',
    mentionBj: '#1c58d9', mentionColor: '#ffffff', centerChannelBg: '#090a0b', centerChannelColor: '#dddfe4',
    newMessageSeparator: '#1adbdb', linkColor: '#5d89ea', buttonBg: '#386fe5', buttonColor: '#ffffff',
    errorTextColor: '#da6c6e', mentionHighlightBg: '#0d6e6e', mentionHighlightLink: '#a4f4f4', codeTheme: 'monokai',
};

/** Light brown with green buttons. */
const custom: typeof light = {
    ...light, type: 'custom', centerChannelBg: '#f5ecd7', centerChannelColor: '#4a3b24', linkColor: '#7a4a00',
    buttonBg: '#1d6b3a', buttonColor: '#fffdf5', errorTextColor: '#a3201a', sidebarBg: '#3d2f1c', sidebarHeaderBg: '#2e2314',
};

export const themes = {light, dark, custom};
export type ThemeName = keyof typeof themes;
