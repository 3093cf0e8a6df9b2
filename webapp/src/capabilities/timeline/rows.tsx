import React, {FocusEvent, KeyboardEvent, useEffect, useMemo, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {EntryRow} from 'src/capabilities/timeline/entry_row';
import {Feed} from 'src/capabilities/timeline/feed';
import {fold, Row} from 'src/capabilities/timeline/fold';
import {GroupRow} from 'src/capabilities/timeline/group_row';
import {Stretch} from 'src/capabilities/timeline/stretch';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {dayIn} from 'src/capabilities/timeline/when';
import {pressedKey} from 'src/host/keys';
import {timelineEntryId} from 'src/incident/timeline_entry';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {EmptyState, ErrorNotice} from 'src/ui/notice';

/** In rows, what the arrow keys go to. */
export const CONTROL = '[data-row-control], a, [role=button]';

interface Props extends Pick<Feed, 'more' | 'reading' | 'failed'> {
    stretch: Stretch;
    incident: Incident;
    canWrite: boolean;
    isFiltered: boolean;
    onShowAll: () => void;

    /** Called before the user makes a row grow. */
    onGrow: () => void;

    /** Id of an entry that is to be shown and marked; '' is none. */
    revealed: string;
    onReveal: () => void;
}

/** How long an entry that the user has added is marked, in milliseconds. */
const REVEALED_MS = 2500;

type Side = 'older' | 'newer';

/** At an end of what is held: the way to go on, and why it failed. */
function Edge({side, reading, failed, more}: Pick<Props, 'reading' | 'failed' | 'more'> & {side: Side}) {
    return (
        <div className={styles.edge}>
            {failed?.side === side ? (
                <ErrorNotice
                    error={failed.error}
                    onRetry={() => more(side)}
                >
                    <FormattedMessage
                        id='incident_timeline.more_failed'
                        defaultMessage='More entries could not be loaded.'
                    />
                </ErrorNotice>
            ) : (
                <Button
                    kind='quiet'
                    busy={reading === side}
                    onClick={() => more(side)}
                >
                    {side === 'older' ? (
                        <FormattedMessage
                            id='incident_timeline.older'
                            defaultMessage='Earlier Entries'
                        />
                    ) : (
                        <FormattedMessage
                            id='incident_timeline.newer'
                            defaultMessage='Later Entries'
                        />
                    )}
                </Button>
            )}
        </div>
    );
}

function Day({day}: {day: string}) {
    const {formatDate} = useIntl();
    const at = Date.parse(`${day}T12:00:00Z`);
    const year = day.slice(0, 4) === String(new Date().getFullYear()) ? undefined : 'numeric';
    return <h3 className={styles.day}>{formatDate(at, {timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long', year})}</h3>;
}

/** Days with their rows, in order. */
function daysOf(rows: Row[]): Array<{day: string; rows: Row[]}> {
    const days: Array<{day: string; rows: Row[]}> = [];
    rows.forEach((row) => {
        const last = days[days.length - 1];
        if (last?.day === row.day) {
            last.rows.push(row);
        } else {
            days.push({day: row.day, rows: [row]});
        }
    });
    return days;
}

/** The entries that are held, by day, with tasks folded. The arrow keys move from row to row; the Tab key finds one row. */
export function Rows({stretch, incident, canWrite, isFiltered, onShowAll, onGrow, more, reading, failed, revealed, onReveal}: Props) {
    const {timeZone} = useIntl();
    const place = useRef<HTMLDivElement>(null);
    const {entries, hasOlder, hasNewer} = stretch;
    const rows = useMemo(() => fold(entries, dayIn(timeZone)), [entries, timeZone]);
    const days = useMemo(() => daysOf(rows), [rows]);
    const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
    const [chosen, setChosen] = useState('');
    const current = rows.some(({key}) => key === chosen) ? chosen : rows[rows.length - 1]?.key;
    const isOpen = ({group}: Row) => group?.events.some(({id}) => open.has(id)) ?? false;
    const [marked, setMarked] = useState('');

    const revealedRow = revealed && rows.find(({entry, group}) => entry?.id === revealed || group?.events.some(({id}) => id === revealed))?.key;
    useEffect(() => {
        if (revealedRow) {
            onGrow();

            // Newer browsers return a promise, which React would call when the row goes.
            void place.current?.querySelector<HTMLElement>(`[data-row="${revealedRow}"]`)?.scrollIntoView?.({block: 'nearest'});
            setMarked(revealedRow);
            onReveal();
        }
    }, [revealedRow, onReveal, onGrow]);
    useEffect(() => {
        const timer = marked ? window.setTimeout(() => setMarked(''), REVEALED_MS) : undefined;
        return () => window.clearTimeout(timer);
    }, [marked]);

    const toggle = (row: Row) => {
        onGrow();
        const ids = row.group?.events.map(({id}) => id) ?? [];
        const next = new Set(open);
        const wasOpen = isOpen(row);
        ids.forEach((id) => (wasOpen ? next.delete(id) : next.add(id)));
        setOpen(next);
    };
    const onFocus = ({target}: FocusEvent<HTMLElement>) => {
        setChosen(target.closest<HTMLElement>('[data-row]')?.dataset.row ?? '');
        if (target.closest('form')) {
            onGrow();
        }
    };
    const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
        const key = pressedKey(event);
        const target = event.target as HTMLElement;
        if (event.defaultPrevented || !['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(key) || target.closest('form, [role=menu], [role=dialog]')) {
            return;
        }
        const all = [...place.current?.querySelectorAll<HTMLElement>('[data-row]') ?? []].filter((row) => row.querySelector(CONTROL));
        const at = all.findIndex((row) => row.contains(target));
        if (at < 0) {
            return;
        }
        event.preventDefault();
        const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1}[key] ?? at;
        if (to < 0) {
            more('older');
        } else if (to >= all.length) {
            more('newer');
        }
        all[Math.max(0, Math.min(to, all.length - 1))]?.querySelector<HTMLElement>(CONTROL)?.focus();
    };

    if (entries.length === 0) {
        return (
            <EmptyState
                title={isFiltered ? (
                    <FormattedMessage
                        id='incident_timeline.none_filtered'
                        defaultMessage='No entry is like that'
                    />
                ) : (
                    <FormattedMessage
                        id='incident_timeline.none'
                        defaultMessage='There is no entry yet'
                    />
                )}
            >
                {isFiltered && (
                    <Button onClick={onShowAll}>
                        <FormattedMessage
                            id='incident_timeline.show_all'
                            defaultMessage='Show All Entries'
                        />
                    </Button>
                )}
            </EmptyState>
        );
    }
    return (
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- only moves the focus between the controls of rows
        <div
            ref={place}
            onFocus={onFocus}
            onKeyDown={onKeyDown}
        >
            {hasOlder && (
                <Edge
                    side='older'
                    {...{reading, failed, more}}
                />
            )}
            {days.map(({day, rows: ofDay}) => (
                <section key={day}>
                    <Day day={day}/>
                    <ol className={styles.rows}>
                        {ofDay.map((row) => {
                            const tabIndex = row.key === current ? 0 : -1;
                            return (
                                <li
                                    key={row.key}
                                    id={row.entry && timelineEntryId(row.entry.id)}
                                    data-row={row.key}
                                    data-testid={row.entry ? 'timeline-entry' : undefined}
                                    className={classes(styles.row, row.key === marked && styles.marked)}
                                >
                                    {row.group ? (
                                        <GroupRow
                                            {...{group: row.group, incident, canWrite, tabIndex}}
                                            isOpen={isOpen(row)}
                                            onToggle={() => toggle(row)}
                                        />
                                    ) : (
                                        <EntryRow {...{entry: row.entry, incident, canWrite, tabIndex}}/>
                                    )}
                                </li>
                            );
                        })}
                    </ol>
                </section>
            ))}
            {hasNewer && (
                <Edge
                    side='newer'
                    {...{reading, failed, more}}
                />
            )}
        </div>
    );
}
