import DotsHorizontal from '@mattermost/compass-icons/components/dots-horizontal';
import DotsVertical from '@mattermost/compass-icons/components/dots-vertical';
import React, {KeyboardEvent, ReactNode, useLayoutEffect, useRef} from 'react';

import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import {pressedKey} from 'src/host/keys';
import styles from 'src/ui/menu.module.css';
import {PopupFrame, usePopup} from 'src/ui/popup';

export interface MenuEntry {
    key: string;
    text: ReactNode;
    onChoose: () => void;
    isDangerous?: boolean;
    /** Whether the entry is the current choice, where the menu chooses one of its entries. */
    isChecked?: boolean;
    'data-testid'?: string;
}

interface Props {
    /** Accessible name of the dots. */
    label: string;
    entries: MenuEntry[];
    icon?: 'vertical' | 'horizontal';
    prefer?: 'above' | 'below';
    align?: 'start' | 'end';
    className?: string;
    disabled?: boolean;

    /** Of the dots; 0 when absent. */
    tabIndex?: number;
}

const step = (from: number, count: number, key: string) => {
    switch (key) {
    case 'ArrowDown':
        return (from + 1) % count;
    case 'ArrowUp':
        return (from - 1 + count) % count;
    case 'Home':
        return 0;
    case 'End':
        return count - 1;
    default:
        return -1;
    }
};

/** The entries, moved through with the arrow keys. */
export function MenuList({label, entries, onDone}: {label: string; entries: MenuEntry[]; onDone: (keepFocus?: boolean) => void}) {
    const list = useRef<HTMLDivElement>(null);
    const items = () => [...list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? []];
    useLayoutEffect(() => {
        (items().find((item) => item.getAttribute('aria-checked') === 'true') ?? items()[0])?.focus();
    }, []);
    const onKeyDown = (event: KeyboardEvent) => {
        const all = items();
        const key = pressedKey(event);
        const next = step(all.indexOf(document.activeElement as HTMLElement), all.length, key);
        if (next >= 0) {
            event.preventDefault();
            all[next]?.focus();
        } else if (key === 'Tab') {
            onDone();
        }
    };
    return (
        <div
            ref={list}
            role='menu'
            tabIndex={-1}
            aria-label={label}
            className={styles.menu}
            onKeyDown={onKeyDown}
        >
            {entries.map((entry) => (
                <button
                    key={entry.key}
                    type='button'
                    role={entry.isChecked === undefined ? 'menuitem' : 'menuitemradio'}
                    aria-checked={entry.isChecked}
                    tabIndex={-1}
                    data-testid={entry['data-testid']}
                    className={classes(styles.item, entry.isDangerous && styles.danger)}
                    onClick={() => {
                        onDone();
                        entry.onChoose();
                    }}
                >
                    {entry.text}
                </button>
            ))}
        </div>
    );
}

/**
 * Three dots that open a menu. The trigger is no `button` element, because automation counts those in the footer of the
 * sidebar; it has the role, focus and keys of one.
 */
export function DotsMenu({label, entries, icon = 'vertical', prefer, align = 'end', className, disabled, tabIndex = 0}: Props) {
    const popup = usePopup();
    const onKeyDown = (event: KeyboardEvent) => {
        if (!disabled && ['Enter', ' ', 'ArrowDown', 'ArrowUp'].includes(pressedKey(event))) {
            event.preventDefault();
            popup.open();
        }
    };
    return (
        <PopupFrame
            popup={popup}
            prefer={prefer}
            align={align}
            className='DropdownMenu'
            anchorClassName={className}
            opener={(
                <span
                    role='button'
                    tabIndex={tabIndex}
                    aria-label={label}
                    aria-haspopup='menu'
                    aria-disabled={disabled || undefined}
                    aria-expanded={popup.isOpen}
                    className={classes(icon === 'vertical' ? 'icon-dots-vertical' : 'icon-dots-horizontal', styles.dots)}
                    onClick={(event) => {
                        event.stopPropagation();
                        if (!disabled) {
                            popup.toggle();
                        }
                    }}
                    onKeyDown={onKeyDown}
                >
                    <Icon
                        of={icon === 'vertical' ? DotsVertical : DotsHorizontal}
                        size={18}
                    />
                </span>
            )}
        >
            <MenuList
                label={label}
                entries={entries}
                onDone={popup.close}
            />
        </PopupFrame>
    );
}
