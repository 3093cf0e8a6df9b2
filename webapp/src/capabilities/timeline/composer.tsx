import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {addEntry} from 'src/capabilities/timeline/client';
import {EntryForm, MINUTES_AGO, Typed, When} from 'src/capabilities/timeline/entry_form';
import {receiveEntry} from 'src/capabilities/timeline/feed';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry} from 'src/capabilities/timeline/types';
import {fromWall, minutesAgo} from 'src/capabilities/timeline/when';
import {useKeptInput} from 'src/incident/kept_input';
import {useAction} from 'src/query/use_action';
import {newClientId} from 'src/store/commands';
import {announce} from 'src/ui/live_region';
import {ErrorNotice} from 'src/ui/notice';

const NOTHING: Typed = {text: '', when: 'now', wall: '', starred: false};
const WHENS: When[] = ['now', ...MINUTES_AGO, 'at'];

const nameOf = (incidentId: string) => `timeline-entry-${incidentId}`;

function isTyped(value: unknown): value is Typed {
    const {text, wall, starred, when} = (value ?? {}) as Partial<Typed>;
    return typeof text === 'string' && typeof wall === 'string' && typeof starred === 'boolean' && WHENS.includes(when as When);
}

/** A time or a star without a text is not what somebody looks for after a reload. */
const hasText = ({text}: Typed) => text !== '';

interface Props {
    incidentId: string;

    /** Gets the entry that the user has added. */
    onAdded: (entry: Entry) => void;
}

/** Adds an entry that is written by hand. What is typed is kept in the browser's tab until it is sent. */
export function Composer({incidentId, onAdded}: Props) {
    const intl = useIntl();
    const {kept: typed = NOTHING, keep} = useKeptInput(nameOf(incidentId), isTyped, hasText);
    const [isUsed, setUsed] = useState(false);
    const place = useRef<HTMLDivElement>(null);
    const key = useRef('');
    const isSmall = !isUsed && typed.text === '';

    const type = (change: Partial<Typed>) => {
        // What is sent again after a failure is the same only as long as nothing was changed.
        key.current = '';
        keep({...typed, ...change});
    };
    const empty = () => {
        key.current = '';
        keep(undefined);
    };
    const adding = useAction(async () => {
        key.current ||= newClientId();
        const at = typed.when === 'at' ? fromWall(typed.wall, intl.timeZone) : minutesAgo(Number(typed.when));
        const {entry} = await addEntry(incidentId, {text: typed.text.trim(), happened_at: typed.when === 'now' ? undefined : at, starred: typed.starred}, key.current);
        empty();
        receiveEntry(entry);
        onAdded(entry);
        announce(intl.formatMessage({id: 'incident_timeline.was_added', defaultMessage: 'The entry was added.'}));
    });
    const {busy, error, clear} = adding;

    useEffect(() => {
        // A field that was locked while it was sent has lost no focus; the form stays open for the next entry.
        if (!busy && isUsed && document.activeElement === document.body) {
            place.current?.querySelector('textarea')?.focus();
        }
    }, [busy, isUsed]);
    return (
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- only takes note of where the focus is
        <div
            ref={place}
            className={styles.composer}
            onFocus={() => setUsed(true)}
        >
            <EntryForm
                label={(
                    <FormattedMessage
                        id='incident_timeline.what'
                        defaultMessage='What happened?'
                    />
                )}
                name={intl.formatMessage({id: 'incident_timeline.add_form', defaultMessage: 'Add an entry'})}
                typed={typed}
                onType={type}
                onSubmit={() => void adding.run()}
                onCancel={() => {
                    empty();
                    clear();
                    setUsed(false);
                    place.current?.querySelector('textarea')?.blur();
                }}
                busy={busy}
                isSmall={isSmall}
                submit={(
                    <FormattedMessage
                        id='incident_timeline.add'
                        defaultMessage='Add Entry'
                    />
                )}
            >
                {error && (
                    <ErrorNotice error={error}>
                        <FormattedMessage
                            id='incident_timeline.add_failed'
                            defaultMessage='The entry could not be added.'
                        />
                    </ErrorNotice>
                )}
            </EntryForm>
        </div>
    );
}
