import {pressedKey} from 'src/host/keys';

const SIDEBAR = '#sidebar-right, #rhsContainer';

/** Id of the host's box for messages. */
export const MESSAGE_BOX = 'post_textbox';

/** The host marks what it gave the focus to with this class, and does not always take it away. */
const HOST_FOCUS_CLASS = 'a11y--focused';

/** Longer than the host needs to show the sidebar and to move the focus, also on a slow machine. */
const WATCH_MS = 15_000;

const isInSidebar = (target: EventTarget | null): target is HTMLElement => target instanceof HTMLElement && target.closest(SIDEBAR) !== null;

let stop: () => void = () => undefined;

/**
 * Gives the focus back when the host moves it into the right-hand sidebar that opens without the user having asked for it.
 * To be called before the sidebar is opened. A press in the sidebar or a key that moves the focus ends it.
 */
export function keepFocus(): void {
    stop();
    let last: Element | null = document.activeElement;

    const focused = ({target}: FocusEvent) => {
        if (!isInSidebar(target)) {
            last = target as Element | null;
            return;
        }
        stop();
        const back = last instanceof HTMLElement && last.isConnected ? last : document.getElementById(MESSAGE_BOX);
        if (back && back !== document.body) {
            back.focus({preventScroll: true});
        } else {
            target.blur();
        }

        // The host may set it only after it has moved the focus.
        window.setTimeout(() => document.activeElement !== target && target.classList.remove(HOST_FOCUS_CLASS));
    };
    const pressed = ({target}: Event) => isInSidebar(target) && stop();
    const typed = (event: KeyboardEvent) => ['Tab', 'F6'].includes(pressedKey(event)) && stop();
    const timer = window.setTimeout(() => stop(), WATCH_MS);

    document.addEventListener('focusin', focused);
    document.addEventListener('mousedown', pressed, true);
    document.addEventListener('touchstart', pressed, true);
    document.addEventListener('keydown', typed, true);
    stop = () => {
        window.clearTimeout(timer);
        document.removeEventListener('focusin', focused);
        document.removeEventListener('mousedown', pressed, true);
        document.removeEventListener('touchstart', pressed, true);
        document.removeEventListener('keydown', typed, true);
        stop = () => undefined;
    };
}

/** Ends `keepFocus`. */
export const forgetFocus = (): void => stop();
