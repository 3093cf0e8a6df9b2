import React, {createContext, useContext, useEffect, useLayoutEffect, useRef, useState} from 'react';

type Props = {
    id?: string;
    label: string;
    button: React.ReactNode;
    buttonClass: string;
    align?: 'start' | 'end';

    /** `menu` gives the entries the role `menuitem`. */
    role?: 'menu';
    children: React.ReactNode;
};

const Role = createContext<'menu' | undefined>(undefined);

/** A button with a drop-down list of `MenuItem`s. Arrow keys move, Escape closes and gives the focus back. */
export function Menu({id, label, button, buttonClass, align = 'start', role, children}: Props) {
    const [open, setOpen] = useState(false);
    const wrapper = useRef<HTMLDivElement>(null);
    const toggle = useRef<HTMLButtonElement>(null);
    const list = useRef<HTMLUListElement>(null);
    const [up, setUp] = useState(false);

    useLayoutEffect(() => {
        if (open && list.current && toggle.current) {
            const button = toggle.current.getBoundingClientRect();
            const height = list.current.offsetHeight + 8;
            // Room for the message box is left below, where the lists of posts end.
            setUp(button.bottom + height > window.innerHeight - 90 && button.top > height);
        }
    }, [open]);

    useEffect(() => {
        if (!open) {
            return undefined;
        }
        const onClick = (event: MouseEvent) => {
            if (!wrapper.current?.contains(event.target as Node)) {
                setOpen(false);
            }
        };
        document.addEventListener('mousedown', onClick);
        wrapper.current?.querySelector<HTMLElement>('.dropdown-menu button')?.focus();
        return () => document.removeEventListener('mousedown', onClick);
    }, [open]);

    const onKeyDown = (event: React.KeyboardEvent) => {
        if (event.key === 'Escape' && open) {
            setOpen(false);
            toggle.current?.focus();
            event.stopPropagation();
        }
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            const items = [...wrapper.current?.querySelectorAll<HTMLElement>('.dropdown-menu button') ?? []];
            const step = event.key === 'ArrowDown' ? 1 : items.length - 1;
            items[(items.indexOf(document.activeElement as HTMLElement) + step) % items.length]?.focus();
            event.preventDefault();
        }
    };

    return (
        <div
            className={`dropdown ${open ? 'open' : ''}`}
            ref={wrapper}
            onKeyDown={onKeyDown}
        >
            <button
                id={id}
                ref={toggle}
                type='button'
                className={buttonClass}
                aria-label={label}
                aria-expanded={open}
                aria-haspopup='true'
                title={label}
                onClick={() => setOpen(!open)}
            >{button}</button>
            {open ? (
                <ul
                    ref={list}
                    role={role}
                    aria-label={role && label}
                    className={`dropdown-menu Menu__content ${align === 'end' ? 'menu--end' : ''} ${up ? 'menu--up' : ''}`}
                    onClick={() => setOpen(false)}
                ><Role.Provider value={role}>{children}</Role.Provider></ul>
            ) : null}
        </div>
    );
}

type ItemProps = {id?: string; icon?: string; danger?: boolean; onClick: () => void; children: React.ReactNode};

export function MenuItem({id, icon, danger, onClick, children}: ItemProps) {
    const role = useContext(Role);
    return (
        <li
            className='MenuItem'
            role={role && 'none'}
        >
            <button
                id={id}
                type='button'
                role={role && 'menuitem'}
                className={danger ? 'MenuItem--danger' : undefined}
                onClick={onClick}
            >
                {icon ? <i className={`icon ${icon}`}/> : null}
                <span className='MenuItem__primary-text'>{children}</span>
            </button>
        </li>
    );
}

export const MenuLine = () => <li className='MenuGroup menu-divider'/>;
