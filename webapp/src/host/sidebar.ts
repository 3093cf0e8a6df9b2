import {forgetFocus, keepFocus} from 'src/host/focus';
import {RhsPlugin} from 'src/host/registry';
import {HostStore} from 'src/host/store';

interface SidebarControl {
    open: () => void;

    /** Opens without the user having asked for it: the focus stays where it is. */
    openUnasked: () => void;
    close: () => void;
    toggle: () => void;
}

const NONE: SidebarControl = {open: () => undefined, openUnasked: () => undefined, close: () => undefined, toggle: () => undefined};

let control = NONE;

/** The right-hand sidebar of this plugin; does nothing until the host has it. */
export const sidebar: SidebarControl = {
    open: () => control.open(),
    openUnasked: () => control.openUnasked(),
    close: () => control.close(),
    toggle: () => control.toggle(),
};

/** Connects `sidebar` with what the host gave at registration; returns the end of that. */
export function connectSidebar(store: HostStore, given: RhsPlugin): () => void {
    control = {
        open: () => {
            forgetFocus();
            store.dispatch(given.showRHSPlugin);
        },
        openUnasked: () => {
            keepFocus();
            store.dispatch(given.showRHSPlugin);
        },
        close: () => store.dispatch(given.hideRHSPlugin),
        toggle: () => {
            forgetFocus();
            store.dispatch(given.toggleRHSPlugin);
        },
    };
    return () => {
        control = NONE;
        forgetFocus();
    };
}
