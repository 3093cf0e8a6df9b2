import React, {cloneElement, ReactElement, ReactNode, useEffect, useRef, useState} from 'react';

import {classes} from 'src/ui/classes';
import {useDomId} from 'src/ui/ids';
import {pressedKey} from 'src/host/keys';
import {usePlacement} from 'src/ui/placement';
import styles from 'src/ui/tooltip.module.css';

export const TOOLTIP_DELAY = 400;

/** CSS pixels between the control and its tooltip. */
const GAP = 6;

interface Props {
    text: ReactNode;
    side?: 'above' | 'below';

    /** Id of the tooltip; one is made when absent. */
    id?: string;

    /** One element that can have the focus or be hovered. */
    children: ReactElement;
    className?: string;
}

/** Explains a control on hover (after a moment) and on focus (at once); Escape hides it. */
export function Tooltip({text, side = 'below', id, children, className}: Props) {
    const [shown, setShown] = useState(false);
    const timer = useRef<number>();
    const anchor = useRef<HTMLSpanElement>(null);
    const tip = useRef<HTMLSpanElement>(null);
    usePlacement(anchor, tip, {isOpen: shown, placement: side === 'below' ? 'bottom' : 'top', gap: GAP});
    const ownId = useDomId('tooltip');
    useEffect(() => () => window.clearTimeout(timer.current), []);
    const show = (delay: number) => {
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => setShown(true), delay);
    };
    const hide = () => {
        window.clearTimeout(timer.current);
        setShown(false);
    };
    return (
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- only watches what happens to the control inside
        <span
            ref={anchor}
            className={classes(className, styles.anchor)}
            onMouseEnter={() => show(TOOLTIP_DELAY)}
            onMouseLeave={hide}
            onFocus={() => show(0)}
            onBlur={hide}
            onKeyDown={(event) => pressedKey(event) === 'Escape' && hide()}
        >
            {cloneElement(children, shown ? {'aria-describedby': id ?? ownId} : {})}
            {shown && (
                <span
                    ref={tip}
                    id={id ?? ownId}
                    role='tooltip'
                    className={styles.tooltip}
                >
                    {text}
                </span>
            )}
        </span>
    );
}
