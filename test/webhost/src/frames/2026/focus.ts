// The client's rule that the first control of a sidebar that opens has the focus, and its ring after the keyboard was used.
const FOCUSED = 'a11y--focused';
const CONTROLS = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex]:not([tabindex="-1"])';

let keyboard = false;

function clear() {
    document.querySelectorAll(`.${FOCUSED}`).forEach((element) => element.classList.remove(FOCUSED, 'a11y--active'));
}

export function watchInput() {
    document.addEventListener('keydown', () => {
        keyboard = true;
    }, true);
    document.addEventListener('mousedown', () => {
        keyboard = false;
        clear();
    }, true);
    document.addEventListener('focusin', () => keyboard && clear());
}

/** Moves the focus to the first control of the sidebar, after what has to be rendered first. */
export function focusSidebar() {
    setTimeout(() => {
        const control = document.querySelector<HTMLElement>('#rhsContainer')?.querySelector<HTMLElement>(CONTROLS);
        setTimeout(() => {
            control?.focus();
            if (keyboard) {
                control?.classList.add(FOCUSED, 'a11y--active');
            }
        });
    });
}
