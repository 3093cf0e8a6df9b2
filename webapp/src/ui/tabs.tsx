import React, {KeyboardEvent, ReactNode, useRef} from 'react';

import {useDomId} from 'src/ui/ids';
import {pressedKey} from 'src/host/keys';
import styles from 'src/ui/tabs.module.css';

interface Props<T extends string> {
    label: string;
    tabs: Array<{key: T; text: ReactNode; testId?: string}>;
    active: T;
    onChoose: (key: T) => void;

    /** Content of the active tab. */
    children: ReactNode;
    className?: string;
}

/** Tabs over one panel; arrow keys move between them. */
export function Tabs<T extends string>({label, tabs, active, onChoose, children, className}: Props<T>) {
    const id = useDomId('tabs');
    const list = useRef<HTMLDivElement>(null);
    const onKeyDown = (event: KeyboardEvent) => {
        const step = {ArrowRight: 1, ArrowLeft: -1}[pressedKey(event)];
        if (step) {
            event.preventDefault();
            const forward = getComputedStyle(event.currentTarget).direction === 'rtl' ? -step : step;
            const at = tabs.findIndex(({key}) => key === active);
            const index = (at + forward + tabs.length) % tabs.length;
            const next = tabs[index];
            if (next) {
                onChoose(next.key);
                list.current?.querySelectorAll<HTMLElement>('[role=tab]')[index]?.focus();
            }
        }
    };
    return (
        <>
            <div
                ref={list}
                role='tablist'
                tabIndex={-1}
                aria-label={label}
                className={styles.tabs}
                onKeyDown={onKeyDown}
            >
                {tabs.map(({key, text, testId}) => (
                    <button
                        key={key}
                        type='button'
                        role='tab'
                        id={`${id}-${key}`}
                        data-testid={testId}
                        aria-selected={key === active}
                        aria-controls={`${id}-panel`}
                        tabIndex={key === active ? 0 : -1}
                        className={styles.tab}
                        onClick={() => onChoose(key)}
                    >
                        {text}
                    </button>
                ))}
            </div>
            <div
                role='tabpanel'
                id={`${id}-panel`}
                aria-labelledby={`${id}-${active}`}
                className={className}
            >
                {children}
            </div>
        </>
    );
}
