import {useEffect, useState} from 'react';

/**
 * react-bootstrap wraps its dialog in a second element of role dialog, which has no name. Pass this as `onEnter`, and
 * only the named one stays a dialog to assistive technology.
 */
export function unwrapDialog(node: HTMLElement) {
    node.parentElement?.closest('[role="dialog"]')?.setAttribute('role', 'presentation');
}

/**
 * Gives the focus back when a dialog has gone. react-bootstrap does so only for dialogs that were mounted before they
 * were shown. A user who was led to another channel goes on in its message box.
 */
export function useFocusBack() {
    const [before] = useState(() => document.activeElement);
    useEffect(() => () => {
        window.setTimeout(() => {
            if (document.activeElement === document.body) {
                (before?.isConnected && before !== document.body ? before as HTMLElement : document.getElementById('post_textbox'))?.focus();
            }
        });
    }, [before]);
}
