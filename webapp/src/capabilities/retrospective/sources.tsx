import Close from '@mattermost/compass-icons/components/close';
import React, {KeyboardEvent, ReactNode, useLayoutEffect, useRef} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {getEntry, getFollowUp, SourceEntry} from 'src/capabilities/retrospective/client';
import {EventLabel} from 'src/capabilities/retrospective/event_label';
import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {Ref} from 'src/capabilities/retrospective/types';
import {pressedKey} from 'src/host/keys';
import {findTask} from 'src/incident/find_task';
import {showTimelineEntry, timelineEntryId} from 'src/incident/timeline_entry';
import {Person} from 'src/people/person';
import {Text} from 'src/people/text';
import {limitConcurrency, useQuery} from 'src/query/client';
import {postPath} from 'src/routes';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {InnerLink} from 'src/ui/inner_link';
import {ErrorNotice, ShownError} from 'src/ui/notice';
import {usePlacement} from 'src/ui/placement';
import {DateTime} from 'src/ui/time';

/** CSS pixels between a mark and what it opens. */
const GAP = 4;

const MOST_AT_ONCE = 4;
const limited = limitConcurrency(MOST_AT_ONCE);

interface SourceProps {
    incident: Incident;
    id: string;
    onLeave: () => void;
}

/** What stands in the place of a source that is not there yet. */
function Unfinished({error, reload}: {error?: ShownError; reload: () => void}) {
    return error ? (
        <ErrorNotice
            error={error}
            onRetry={reload}
        >
            <FormattedMessage
                id='retrospective.source_failed'
                defaultMessage='This source could not be loaded.'
            />
        </ErrorNotice>
    ) : <span className={styles.muted}>{'…'}</span>;
}

/** An entry of the incident's timeline, with the way to its message and to the timeline. */
function EntrySource({incident, id, onLeave}: SourceProps) {
    const {data, error, reload} = useQuery<SourceEntry>(['retrospective-source', incident.id, id], () => limited(() => getEntry(incident.id, id)), {staleTime: Infinity});
    if (!data) {
        return <Unfinished {...{error, reload}}/>;
    }
    const row = document.getElementById(timelineEntryId(id));
    const postId = data.source?.gone ? '' : data.source?.post_id ?? data.event?.post_id ?? '';
    return (
        <>
            <span className={styles.sourceHead}>
                <DateTime at={data.happened_at}/>
                {data.author_id ? <Person userId={data.author_id}/> : data.author_name && <bdi>{data.author_name}</bdi>}
            </span>
            <div className={styles.sourceText}>
                <Words
                    entry={data}
                    incident={incident}
                />
            </div>
            <span className={styles.sourceLinks}>
                {postId && (
                    <InnerLink to={postPath(postId)}>
                        <FormattedMessage
                            id='retrospective.source_message'
                            defaultMessage='Go to the message'
                        />
                    </InnerLink>
                )}
                {row && (
                    <Button
                        kind='link'
                        onClick={() => {
                            onLeave();
                            showTimelineEntry(row);
                        }}
                    >
                        <FormattedMessage
                            id='retrospective.source_timeline'
                            defaultMessage='Show in the timeline'
                        />
                    </Button>
                )}
            </span>
        </>
    );
}

function Words({entry, incident}: {entry: SourceEntry; incident: Incident}) {
    if (entry.deleted_at > 0) {
        return (
            <FormattedMessage
                id='retrospective.source_deleted'
                defaultMessage='The entry was deleted from the timeline.'
            />
        );
    }
    return entry.event ? (
        <EventLabel
            event={entry.event}
            incident={incident}
        />
    ) : <Text text={entry.text}/>;
}

function TaskSource({incident, id}: SourceProps) {
    const task = findTask(incident, id);
    return task ? (
        <FormattedMessage
            id='retrospective.source_task'
            defaultMessage='Task: {title}'
            values={{title: <bdi key='title'>{task.title}</bdi>}}
        />
    ) : (
        <FormattedMessage
            id='retrospective.source_no_task'
            defaultMessage='The task is no longer part of the incident.'
        />
    );
}

function FollowUpSource({id}: SourceProps) {
    const {data, error, reload} = useQuery<{title: string}>(['retrospective-follow-up', id], () => limited(() => getFollowUp(id)));
    if (!data) {
        return <Unfinished {...{error, reload}}/>;
    }
    return (
        <FormattedMessage
            id='retrospective.source_followup'
            defaultMessage='Follow-up: {title}'
            values={{title: <bdi key='title'>{data.title}</bdi>}}
        />
    );
}

function PostSource({id}: SourceProps) {
    return (
        <InnerLink to={postPath(id)}>
            <FormattedMessage
                id='retrospective.source_update'
                defaultMessage='Go to the status update'
            />
        </InnerLink>
    );
}

function IncidentSource({incident}: SourceProps) {
    return (
        <FormattedMessage
            id='retrospective.source_incident'
            defaultMessage='The incident “{name}”'
            values={{name: <bdi key='name'>{incident.name}</bdi>}}
        />
    );
}

const KINDS: Record<Ref['kind'], (props: SourceProps) => JSX.Element> = {
    incident: IncidentSource, post: PostSource, event: EntrySource,  entry: EntrySource, task: TaskSource, followup: FollowUpSource,
};

interface Props {
    incident: Incident;
    refs: Ref[];

    /** The mark that it belongs to. */
    link: HTMLElement;
    onClose: () => void;
}

/** What a sentence was made from, beside its mark. Escape, a press elsewhere and leaving it with the focus close it. */
export function Sources({incident, refs, link, onClose}: Props): JSX.Element {
    const {formatMessage} = useIntl();
    const anchor = useRef<HTMLElement>(link);
    const panel = useRef<HTMLDivElement>(null);
    const latest = useRef(onClose);
    latest.current = onClose;
    usePlacement(anchor, panel, {isOpen: true, placement: 'bottom-start', gap: GAP});
    useLayoutEffect(() => {
        panel.current?.focus();
        const elsewhere = ({target}: Event) => {
            if (!panel.current?.contains(target as Node) && !link.contains(target as Node)) {
                latest.current();
            }
        };
        const events = ['mousedown', 'touchstart', 'focusin'];
        events.forEach((event) => document.addEventListener(event, elsewhere, true));
        return () => events.forEach((event) => document.removeEventListener(event, elsewhere, true));
    }, [link]);
    const close = () => {
        onClose();
        link.focus();
    };
    const known: Array<[string, ReactNode]> = refs.filter(({kind}) => kind in KINDS).map(({kind, id}) => {
        const Source = KINDS[kind];
        return [`${kind} ${id}`, (
            <Source
                key={id}
                {...{incident, id}}
                onLeave={onClose}
            />
        )];
    });
    return (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it has to catch Escape
        <div
            ref={panel}
            role='dialog'
            aria-label={formatMessage({id: 'retrospective.sources', defaultMessage: 'What this sentence is made from'})}
            tabIndex={-1}
            className={styles.sources}
            onKeyDown={(event: KeyboardEvent) => {
                if (pressedKey(event) === 'Escape') {
                    event.stopPropagation();
                    close();
                }
            }}
        >
            <div className={styles.sourcesHead}>
                <strong>
                    <FormattedMessage
                        id='retrospective.sources_title'
                        defaultMessage='Sources'
                    />
                </strong>
                <Button
                    kind='icon'
                    aria-label={formatMessage({id: 'ui.modal.close', defaultMessage: 'Close'})}
                    onClick={close}
                >
                    <Icon of={Close}/>
                </Button>
            </div>
            <ul>
                {known.map(([key, source]) => <li key={key}>{source}</li>)}
            </ul>
        </div>
    );
}
