import React, {ReactNode, RefObject, SyntheticEvent, useCallback, useLayoutEffect, useRef, useState} from 'react';

import {classes} from 'src/ui/classes';
import {pressedKey} from 'src/host/keys';
import {usePlacement} from 'src/ui/placement';
import styles from 'src/ui/popup.module.css';

export interface Popup {
    isOpen: boolean;
    open: () => void;

    /** Focus goes back to the opener unless the user has put it elsewhere. */
    close: (keepFocus?: boolean) => void;
    toggle: () => void;
    anchor: RefObject<HTMLSpanElement>;

    /** Takes note of an event in the popup or in what its content renders elsewhere, such as the host's popover of a person. */
    noteInside: (event: SyntheticEvent) => void;
}

/** CSS pixels between the opener and what it opens. */
const GAP = 4;

const FOCUSABLE = 'button, [role=button], [tabindex="0"], a[href], input';

/** Something that opens beside a control and closes by Escape or by a press elsewhere. */
export function usePopup(): Popup {
    const [isOpen, setOpen] = useState(false);
    const anchor = useRef<HTMLSpanElement>(null);
    const inside = useRef(new WeakSet<Node>());
    const noteInside = useCallback(({target}: SyntheticEvent) => void inside.current.add(target as Node), []);
    const open = useCallback(() => {
        // Not every browser gives the focus to a button that is pressed; what opens is closed when the focus leaves.
        anchor.current?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
        setOpen(true);
    }, []);
    const close = useCallback((keepFocus = false) => {
        setOpen(false);
        if (!keepFocus) {
            anchor.current?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
        }
    }, []);
    const toggle = useCallback(() => (isOpen ? close() : open()), [isOpen, close, open]);

    // Before it is on the screen: other effects may come later than the first key.
    useLayoutEffect(() => {
        if (!isOpen) {
            return undefined;
        }
        let ended = false;
        const press = ({target}: Event) => {
            if (!anchor.current?.contains(target as Node)) {
                // React tells of events in its portals a moment later.
                window.setTimeout(() => {
                    if (!ended && !inside.current.has(target as Node)) {
                        close(true);
                    }
                });
            }
        };
        const key = (event: KeyboardEvent) => {
            const target = event.target as Node;
            const isElsewhere = inside.current.has(target) && !anchor.current?.contains(target);
            if (pressedKey(event) === 'Escape' && !isElsewhere) {
                // The host's own Escape, such as closing the sidebar, is not meant.
                event.stopPropagation();
                event.preventDefault();
                close();
            }
        };
        document.addEventListener('mousedown', press, true);
        document.addEventListener('touchstart', press, true);
        document.addEventListener('focusin', press, true);
        document.addEventListener('keydown', key, true);
        return () => {
            ended = true;
            document.removeEventListener('mousedown', press, true);
            document.removeEventListener('touchstart', press, true);
            document.removeEventListener('focusin', press, true);
            document.removeEventListener('keydown', key, true);
        };
    }, [isOpen, close]);

    return {isOpen, open, close, toggle, anchor, noteInside};
}

interface Props {
    popup: Popup;

    /** The control that opens it; has to be the first focusable element. */
    opener: ReactNode;
    children: ReactNode;

    /** Side that is tried first. */
    prefer?: 'above' | 'below';
    align?: 'start' | 'end';
    className?: string;
    anchorClassName?: string;
}

/** Places the content beside its opener, within the window. What is higher than the window is scrolled. */
export function PopupFrame({popup, opener, children, prefer = 'below', align = 'start', className, anchorClassName}: Props) {
    const content = useRef<HTMLDivElement>(null);
    usePlacement(popup.anchor, content, {isOpen: popup.isOpen, placement: `${prefer === 'below' ? 'bottom' : 'top'}-${align}`, gap: GAP});
    return (
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- only takes note of where something happens
        <span
            ref={popup.anchor}
            className={classes(anchorClassName, styles.anchor)}
            onMouseDown={popup.noteInside}
            onTouchStart={popup.noteInside}
            onFocus={popup.noteInside}
        >
            {opener}
            {popup.isOpen && (
                <div
                    ref={content}
                    className={classes(className, styles.popup)}
                >
                    {children}
                </div>
            )}
        </span>
    );
}
