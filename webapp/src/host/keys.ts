/** What both React's and the browser's keyboard events have. */
interface KeyPress {
    key: string;
    keyCode: number;
    nativeEvent?: {isComposing?: boolean};
    isComposing?: boolean;
}

/** The key code that browsers give to keys which an input method has taken. */
const TAKEN_BY_INPUT_METHOD = 229;

/**
 * Whether a key belongs to an input method, for instance Enter that confirms a conversion. Safari ends the composition
 * before it reports that Enter, so that only the key code tells.
 */
export function isComposing(event: KeyPress): boolean {
    return Boolean((event.nativeEvent ?? event).isComposing) || event.keyCode === TAKEN_BY_INPUT_METHOD;
}

/**
 * The key of a press, as `KeyboardEvent.key`; '' when an input method has taken it. Every key handler has to read the key
 * by this function; the linter refuses others.
 */
export function pressedKey(event: KeyPress): string {
    return isComposing(event) ? '' : event.key;
}
