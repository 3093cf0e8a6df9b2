import ArrowDown from '@mattermost/compass-icons/components/arrow-down';
import React, {useCallback, useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useStore} from 'react-redux';

import {isUnknownRoute} from 'src/capabilities/timeline/client';
import {Composer} from 'src/capabilities/timeline/composer';
import {useEntryCount} from 'src/capabilities/timeline/entry_count';
import {EntryLimit} from 'src/capabilities/timeline/entry_limit';
import {noteAtEnd, useFeed} from 'src/capabilities/timeline/feed';
import {Filters} from 'src/capabilities/timeline/filters';
import {CONTROL, Rows} from 'src/capabilities/timeline/rows';
import {useScroll} from 'src/capabilities/timeline/scroll';
import {isSelected, MOST_HELD} from 'src/capabilities/timeline/stretch';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry, EVERYTHING, Filter, MOST_ENTRIES} from 'src/capabilities/timeline/types';
import {currentUserId, displayName, HostState, nameSetting, userById} from 'src/host/store';
import {SidebarFooter} from 'src/incident/sidebar_parts';
import {useMayChange} from 'src/incident/use_may_change';
import {useLookAgain} from 'src/query/use_look_again';
import {useIsIncidentChannel} from 'src/store/my_incidents';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import {announce} from 'src/ui/live_region';
import {EmptyState, ErrorNotice, Loading} from 'src/ui/notice';

/** Longest part of an entry that is read out when somebody adds it. */
const SAID_CHARACTERS = 140;

/** Filters of the timelines that were shown; by the place and the incident. */
const filters = new Map<string, Filter>();

/** Has screen readers say that somebody has added an entry. */
function useSayAdded(): (entry: Entry) => void {
    const {formatMessage} = useIntl();
    const store = useStore<HostState>();
    return ({kind, added_by_id: adder, text}) => {
        const state = store.getState();
        const user = userById(state, adder);

        // The sidebar tells of status updates itself.
        if (kind !== 'update' && adder !== currentUserId(state)) {
            announce(formatMessage(
                {id: 'incident_timeline.live', defaultMessage: 'New on the timeline, by {name}: {text}'},
                {name: user ? displayName(user, nameSetting(state)) : '', text: text.slice(0, SAID_CHARACTERS)},
            ));
        }
    };
}

interface Props {
    incident: Incident;
    place: 'sidebar' | 'page';
}

/** The timeline of an incident, newest entry last, with filters and the form for an entry. */
export function TimelineView({incident, place}: Props) {
    const {formatMessage} = useIntl();
    const {id, revision} = incident;
    const name = `${place} ${id}`;
    const canWrite = useMayChange(incident);
    const count = useEntryCount(id);
    const [filter, setFilter] = useState(() => filters.get(name) ?? EVERYTHING);
    const [revealed, setRevealed] = useState('');
    const [seenLast, setSeenLast] = useState('');
    const box = useRef<HTMLDivElement>(null);
    const feed = useFeed(id, filter, revision, useSayAdded());
    const {stretch, error, reload, more, reading, failed, toNewest} = feed;
    const entries = stretch?.entries;
    const last = entries?.[entries.length - 1]?.id ?? '';
    const lastOf = useRef(last);
    lastOf.current = last;
    const onEnd = useCallback((isAtEnd: boolean) => {
        noteAtEnd(id, filter, isAtEnd);
        if (isAtEnd) {
            setSeenLast(lastOf.current);
        }
    }, [id, filter]);
    const {isAtEnd, onScroll, toEnd, hold} = useScroll(box, {
        name: `${name} ${JSON.stringify(filter)}`,
        content: entries,
        hasNewer: stretch?.hasNewer ?? false,
        more,
        mayFill: (entries?.length ?? MOST_HELD) < MOST_HELD,
        onEnd,
    });
    useLookAgain(!useIsIncidentChannel(incident.channel_id), reload);

    const choose = (next: Filter) => {
        filters.set(name, next);
        setFilter(next);
    };
    const goToEnd = async () => {
        toEnd();
        await toNewest();
        toEnd();
    };
    const onAdded = (entry: Entry) => {
        if (!isSelected(entry, filter)) {
            choose(EVERYTHING);
        }
        setRevealed(entry.id);
        if (stretch?.hasNewer) {
            void goToEnd();
        }
    };
    const onReveal = useCallback(() => setRevealed(''), []);
    const hasNews = !isAtEnd && stretch?.hasNewer === false && seenLast !== '' && last !== seenLast;
    useEffect(() => setSeenLast((seen) => seen || last), [last]);

    if (error && isUnknownRoute(error) && !stretch) {
        return (
            <EmptyState
                title={formatMessage({id: 'incident_timeline.missing', defaultMessage: 'This server has no timelines'})}
            >
                <p>
                    <FormattedMessage
                        id='incident_timeline.missing_text'
                        defaultMessage='It runs an earlier version of the plugin, or is being updated. Reload the page to try again.'
                    />
                </p>
            </EmptyState>
        );
    }
    const form = canWrite ? (
        <>
            <EntryLimit count={count}/>
            {count < MOST_ENTRIES && (
                <Composer
                    key={id}
                    incidentId={id}
                    onAdded={onAdded}
                />
            )}
        </>
    ) : (
        <p className={styles.hint}>
            <FormattedMessage
                id='incident_timeline.read_only'
                defaultMessage='Members of the incident’s channel can add entries.'
            />
        </p>
    );
    return (
        <div
            className={classes(styles.view, place === 'page' && styles.onPage)}
            data-testid='incident-timeline'
        >
            <Filters
                incident={incident}
                filter={filter}
                onFilter={choose}
            />
            <div className={styles.frame}>
                <div
                    ref={box}
                    className={`scrollbar--view ${styles.scroll}`}
                    data-testid='timeline-scroll'
                    onScroll={onScroll}
                >
                    {/* Grows with its content, which is watched. */}
                    <div>
                        {error && (
                            <ErrorNotice
                                error={error}
                                onRetry={reload}
                            >
                                {stretch ? (
                                    <FormattedMessage
                                        id='incident_timeline.stale'
                                        defaultMessage='The timeline could not be refreshed.'
                                    />
                                ) : (
                                    <FormattedMessage
                                        id='incident_timeline.failed'
                                        defaultMessage='The timeline could not be loaded.'
                                    />
                                )}
                            </ErrorNotice>
                        )}
                        {!stretch && !error && <Loading/>}
                        {stretch && (
                            <Rows
                                {...{incident, stretch, canWrite, more, reading, failed, revealed, onReveal}}
                                isFiltered={JSON.stringify(filter) !== JSON.stringify(EVERYTHING)}
                                onShowAll={() => choose(EVERYTHING)}
                                onGrow={hold}
                            />
                        )}
                    </div>
                </div>
                {stretch && !isAtEnd && (
                    <Button
                        kind={hasNews ? 'primary' : 'secondary'}
                        className={classes(styles.jump, !hasNews && styles.plain)}
                        data-testid='timeline-newest'
                        onClick={() => {
                            void goToEnd();

                            // This button goes.
                            const rows = box.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [];
                            rows[rows.length - 1]?.querySelector<HTMLElement>(CONTROL)?.focus({preventScroll: true});
                        }}
                    >
                        <Icon of={ArrowDown}/>
                        {hasNews ? (
                            <FormattedMessage
                                id='incident_timeline.news'
                                defaultMessage='New Entries'
                            />
                        ) : (
                            <FormattedMessage
                                id='incident_timeline.newest'
                                defaultMessage='Newest'
                            />
                        )}
                    </Button>
                )}
            </div>
            {place === 'sidebar' ? <SidebarFooter>{form}</SidebarFooter> : <div className={styles.foot}>{form}</div>}
        </div>
    );
}
