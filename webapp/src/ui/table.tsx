import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import ChevronUp from '@mattermost/compass-icons/components/chevron-up';
import React, {ReactNode, useLayoutEffect, useRef} from 'react';
import {FormattedMessage} from 'react-intl';

import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {CUT, tellCut} from 'src/ui/cut';
import {Icon} from 'src/ui/icon';
import styles from 'src/ui/table.module.css';

type Direction = 'asc' | 'desc';

export interface Column<K extends string> {
    key: string;
    text: ReactNode;

    /** What is sorted by; absent when the column cannot be sorted. */
    sort?: K;

    /** Direction of the first press. */
    first?: Direction;
}

interface TableProps<K extends string> {
    label: string;
    columns: Array<Column<K>>;

    /** Widths of the columns, as `grid-template-columns`. */
    widths: string;
    sort: K;
    direction: Direction;
    onSort: (sort: K, direction: Direction) => void;
    isBusy?: boolean;
    children: ReactNode;
}

const ariaSort = (isActive: boolean, direction: Direction) => {
    if (!isActive) {
        return 'none';
    }
    return direction === 'asc' ? 'ascending' : 'descending';
};

/** A table whose heads sort it; the same head again reverses the order. */
export function Table<K extends string>({label, columns, widths, sort, direction, onSort, isBusy, children}: TableProps<K>) {
    return (
        <div
            role='table'
            aria-label={label}
            aria-busy={isBusy || undefined}
            className={styles.table}
        >
            <div
                role='row'
                className={styles.head}
                style={{gridTemplateColumns: widths}}
            >
                {columns.map((column) => {
                    const key = column.sort;
                    if (!key) {
                        return (
                            <span
                                key={column.key}
                                role='columnheader'
                            >
                                {column.text}
                            </span>
                        );
                    }
                    const isActive = key === sort;
                    const reverse = direction === 'asc' ? 'desc' : 'asc';
                    return (
                        <span
                            key={column.key}
                            role='columnheader'
                            aria-sort={ariaSort(isActive, direction)}
                        >
                            <button
                                type='button'
                                className={styles.sort}
                                onClick={() => onSort(key, isActive ? reverse : column.first ?? 'asc')}
                            >
                                {column.text}
                                {isActive && (
                                    <Icon
                                        of={direction === 'asc' ? ChevronUp : ChevronDown}
                                        size={14}
                                    />
                                )}
                            </button>
                        </span>
                    );
                })}
            </div>
            {children}
        </div>
    );
}

/**
 * A row; a link in it may cover it by a pseudo-element. What is cut below the pointer is shown whole, by the element that lies over
 * it.
 */
export function Row({widths, className, children}: {widths: string; className?: string; children: ReactNode}) {
    return (
        // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- only gives texts their tooltips
        <div
            role='row'
            onMouseMove={tellCut}
            className={classes(className, styles.row)}
            style={{gridTemplateColumns: widths}}
        >
            {children}
        </div>
    );
}

interface CellProps {
    className?: string;

    /** Name of the column; stands before the content where there is no room for columns. */
    column?: string;
    children: ReactNode;
}

export function Cell({className, column, children}: CellProps) {
    return (
        <span
            role='cell'
            className={classes(className, styles.cell)}
            data-column={column}
        >
            {children}
        </span>
    );
}

/** One line that is cut where there is no room; then the whole is shown on hover. */
export function CutText({text}: {text: string}) {
    return (
        <span
            className={styles.cut}
            dir='auto'
            {...{[CUT]: true}}
        >
            {text}
        </span>
    );
}

interface PagerProps {
    /** Zero-based. */
    page: number;
    perPage: number;
    total: number;
    hasMore: boolean;
    onPage: (page: number) => void;
}

/** Which rows are shown, and the way to those before and after. */
export function Pager({page, perPage, total, hasMore, onPage}: PagerProps) {
    const from = total === 0 ? 0 : Math.min((page * perPage) + 1, total);
    const to = Math.min((page + 1) * perPage, total);
    const pager = useRef<HTMLDivElement>(null);
    const isDue = useRef(false);
    useLayoutEffect(() => {
        if (!isDue.current) {
            return;
        }

        // The button that was pressed is absent on the first page or the last one. That a page is the last one is known once it is there.
        if (document.activeElement === document.body) {
            pager.current?.querySelector('button')?.focus();
        }
        isDue.current = Boolean(pager.current?.contains(document.activeElement));
    }, [page, hasMore]);
    const go = (next: number) => {
        isDue.current = true;
        onPage(next);
    };
    return (
        <div
            ref={pager}
            className={styles.pager}
        >
            <span>
                {page > 0 && (
                    <Button
                        kind='quiet'
                        onClick={() => go(page - 1)}
                    >
                        <FormattedMessage
                            id='ui.pager.previous'
                            defaultMessage='Previous'
                        />
                    </Button>
                )}
            </span>
            <span role='status'>
                <FormattedMessage
                    id='ui.pager.shown'
                    defaultMessage='{from} - {to} of {total} total'
                    values={{from, to, total}}
                />
            </span>
            <span className={styles.next}>
                {hasMore && (
                    <Button
                        kind='quiet'
                        onClick={() => go(page + 1)}
                    >
                        <FormattedMessage
                            id='ui.pager.next'
                            defaultMessage='Next'
                        />
                    </Button>
                )}
            </span>
        </div>
    );
}
