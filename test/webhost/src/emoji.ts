// The few emoji this client knows by name; others stay as they are written.
const byName = new Map(Object.entries({
    white_check_mark: '✅', white_large_square: '⬜', ballot_box_with_check: '☑️', heavy_check_mark: '✔️', x: '❌',
    warning: '⚠️', fire: '🔥', rotating_light: '🚨', tada: '🎉', rocket: '🚀', eyes: '👀', thumbsup: '👍', '+1': '👍',
    thumbsdown: '👎', '-1': '👎', smile: '😄', slightly_smiling_face: '🙂', thinking: '🤔', heart: '❤️', wave: '👋',
    bell: '🔔', mega: '📣', shield: '🛡️', bug: '🐛', construction: '🚧', clock1: '🕐', hourglass: '⌛', lock: '🔒',
    link: '🔗', memo: '📝', bulb: '💡', calendar: '📅', telephone_receiver: '📞', information_source: 'ℹ️', zap: '⚡',
}));

export const emoji = (name: string): string | undefined => byName.get(name);
