import React, {ReactNode, RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState} from 'react';

import {classes} from 'src/ui/classes';
import {pressedKey} from 'src/host/keys';
import styles from 'src/ui/popup.module.css';

export interface Popup {
    isOpen: boolean;
    open: () => void;

    /** Focus goes back to the opener unless the user has put it elsewhere. */
    close: (keepFocus?: boolean) => void;
    toggle: () => void;
    anchor: RefObject<HTMLSpanElement>;
}

const FOCUSABLE = 'button, [tabindex="0"], a[href], input';

/** Something that opens beside a control and closes by Escape or by a press elsewhere. */
export function usePopup(): Popup {
    const [isOpen, setOpen] = useState(false);
    const anchor = useRef<HTMLSpanElement>(null);
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

    useEffect(() => {
        if (!isOpen) {
            return undefined;
        }
        const press = (event: Event) => {
            if (!anchor.current?.contains(event.target as Node)) {
                close(true);
            }
        };
        const key = (event: KeyboardEvent) => {
            if (pressedKey(event) === 'Escape') {
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
            document.removeEventListener('mousedown', press, true);
            document.removeEventListener('touchstart', press, true);
            document.removeEventListener('focusin', press, true);
            document.removeEventListener('keydown', key, true);
        };
    }, [isOpen, close]);

    return {isOpen, open, close, toggle, anchor};
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

/** Places the content beside its opener, on the side with room for it. */
export function PopupFrame({popup, opener, children, prefer = 'below', align = 'start', className, anchorClassName}: Props) {
    const content = useRef<HTMLDivElement>(null);
    const [side, setSide] = useState(prefer);
    useLayoutEffect(() => {
        if (!popup.isOpen || !content.current || !popup.anchor.current) {
            setSide(prefer);
            return;
        }
        const anchor = popup.anchor.current.getBoundingClientRect();
        const scroller = popup.anchor.current.closest('.scrollbar--view')?.getBoundingClientRect();
        const above = anchor.top - (scroller?.top ?? 0);
        const below = (scroller?.bottom ?? window.innerHeight) - anchor.bottom;
        const height = content.current.offsetHeight + 8;
        const [first, second] = prefer === 'below' ? [below, above] : [above, below];
        const other = prefer === 'below' ? 'above' : 'below';
        setSide(height > first && second > first ? other : prefer);
    }, [popup.isOpen, popup.anchor, prefer]);
    return (
        <span
            ref={popup.anchor}
            className={classes(anchorClassName, styles.anchor)}
        >
            {opener}
            {popup.isOpen && (
                <div
                    ref={content}
                    className={classes(className, styles.popup, styles[side], styles[align])}
                >
                    {children}
                </div>
            )}
        </span>
    );
}
