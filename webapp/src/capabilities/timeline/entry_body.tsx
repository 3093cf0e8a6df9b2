import React, {ReactNode, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry, EntryFile} from 'src/capabilities/timeline/types';
import {Who} from 'src/capabilities/timeline/who';
import {Text} from 'src/people/text';
import {Expander} from 'src/ui/button';
import {DateTime} from 'src/ui/time';

/** Texts that are longer are cut until somebody wants the rest. */
const FULL_CHARACTERS = 600;
const FULL_LINES = 10;

/** Added so much later than it happened, in milliseconds, an entry says when it was added. */
const LATE_MS = 60_000;

/** A text of an entry; a long one can be opened. */
export function LongText({text, tabIndex}: {text: string; tabIndex?: number}) {
    const [isOpen, setOpen] = useState(false);
    const isLong = text.length > FULL_CHARACTERS || text.split('\n').length > FULL_LINES;
    return (
        <>
            <div className={isLong && !isOpen ? styles.cut : undefined}>
                <Text text={text}/>
            </div>
            {isLong && (
                <Expander
                    tabIndex={tabIndex}
                    isOpen={isOpen}
                    setOpen={setOpen}
                />
            )}
        </>
    );
}

const KILO = 1024;

function Files({files}: {files: EntryFile[]}) {
    const {formatMessage, formatNumber} = useIntl();
    const size = (bytes: number) => (bytes < KILO * KILO ?
        formatNumber(bytes / KILO, {style: 'unit', unit: 'kilobyte', maximumFractionDigits: bytes < KILO ? 1 : 0}) :
        formatNumber(bytes / KILO / KILO, {style: 'unit', unit: 'megabyte', maximumFractionDigits: 1}));
    return (
        <ul className={styles.files}>
            {files.map(({id, name, size: bytes, sha256}) => (
                <li key={id}>
                    <bdi>{name}</bdi>
                    {` (${size(bytes)})`}
                    {sha256 && (
                        <span
                            className={styles.hash}
                            title={sha256}
                        >
                            {formatMessage({id: 'incident_timeline.hash', defaultMessage: 'SHA-256 {start}…'}, {start: sha256.slice(0, 12)})}
                        </span>
                    )}
                </li>
            ))}
        </ul>
    );
}

function Note({children}: {children: ReactNode}) {
    return <span className={styles.note}>{children}</span>;
}

interface Props {
    entry: Entry;

    /** The message that it was made from was deleted. */
    isGone: boolean;

    /** Of its controls. */
    tabIndex?: number;
}

/** What is said below an entry: when and by whom it was added and edited, and what has become of its message. */
function Notes({entry, isGone, tabIndex}: Props) {
    const [isOpen, setOpen] = useState(false);
    const {kind, original, text, edited_at: edited, edited_by_id: editor, added_by_id: adder, author_id: author, recorded_at: recorded, happened_at: happened} = entry;
    const isOther = kind === 'message' && adder !== author;
    const isLate = kind !== 'update' && recorded - happened > LATE_MS;
    const hasFormer = original !== undefined && original.text !== text;
    return (
        <>
            {(isOther || isLate) && (
                <Note>
                    <FormattedMessage
                        id='incident_timeline.added'
                        defaultMessage='Added by {who}, {time}'
                        values={{who: <Who userId={adder}/>, time: <DateTime at={recorded}/>}}
                    />
                </Note>
            )}
            {edited > 0 && (
                <Note>
                    {kind === 'manual' ? (
                        <FormattedMessage
                            id='incident_timeline.edited'
                            defaultMessage='Edited by {who}, {time}'
                            values={{who: <Who userId={editor}/>, time: <DateTime at={edited}/>}}
                        />
                    ) : (
                        <FormattedMessage
                            id='incident_timeline.message_edited'
                            defaultMessage='The message was edited, {time}'
                            values={{time: <DateTime at={edited}/>}}
                        />
                    )}
                    {hasFormer && (
                        <>
                            {' '}
                            <Expander
                                tabIndex={tabIndex}
                                isOpen={isOpen}
                                setOpen={setOpen}
                                more={(
                                    <FormattedMessage
                                        id='incident_timeline.show_first'
                                        defaultMessage='Show the first version'
                                    />
                                )}
                                less={(
                                    <FormattedMessage
                                        id='incident_timeline.hide_first'
                                        defaultMessage='Hide the first version'
                                    />
                                )}
                            />
                        </>
                    )}
                </Note>
            )}
            {hasFormer && isOpen && (
                <blockquote className={styles.former}>
                    <LongText
                        text={original.text}
                        tabIndex={tabIndex}
                    />
                </blockquote>
            )}
            {isGone && (
                <Note>
                    <FormattedMessage
                        id='incident_timeline.gone'
                        defaultMessage='The message was deleted since.'
                    />
                </Note>
            )}
        </>
    );
}

/** Text and files of an entry, and what is to be known of them. */
export function EntryBody(props: Props) {
    const {entry: {kind, text, files, source}, tabIndex} = props;
    const content = (
        <>
            {text && (
                <LongText
                    text={text}
                    tabIndex={tabIndex}
                />
            )}
            {files && files.length > 0 && <Files files={files}/>}
        </>
    );
    return (
        <div className={styles.body}>
            {source?.lost ? (
                <Note>
                    <FormattedMessage
                        id='incident_timeline.lost'
                        defaultMessage='It was deleted before its text was recorded.'
                    />
                </Note>
            ) : (
                <>
                    {kind === 'manual' ? content : <blockquote className={styles.quote}>{content}</blockquote>}
                    <Notes {...props}/>
                </>
            )}
        </div>
    );
}
