/**
 * react-bootstrap wraps its dialog in a second element of role dialog, which has no name. Pass this as `onEnter`, and
 * only the named one stays a dialog to assistive technology.
 */
export function unwrapDialog(node: HTMLElement) {
    node.parentElement?.closest('[role="dialog"]')?.setAttribute('role', 'presentation');
}
