import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {changeEntry, DELETED, getEntry, OUTDATED} from 'src/capabilities/timeline/client';
import {EntryForm, Typed} from 'src/capabilities/timeline/entry_form';
import {receiveEntry} from 'src/capabilities/timeline/feed';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry, EntryChange} from 'src/capabilities/timeline/types';
import {fromWall, toWall} from 'src/capabilities/timeline/when';
import {Who} from 'src/capabilities/timeline/who';
import {ApiError} from 'src/client/http';
import {useKeptInput} from 'src/incident/kept_input';
import {Text} from 'src/people/text';
import {useAction} from 'src/query/use_action';
import {Button} from 'src/ui/button';
import {announce} from 'src/ui/live_region';
import {ErrorNotice} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';

/** What was typed and is not saved, with what the entry was when it was begun. */
interface KeptEdit {
    text: string;
    wall: string;
    from: Pick<Entry, 'text' | 'happened_at' | 'version'>;
}

export function isKeptEdit(value: unknown): value is KeptEdit {
    const {text, wall, from} = (value ?? {}) as Partial<KeptEdit>;
    return [text, wall, from?.text].every((one) => typeof one === 'string') && [from?.happened_at, from?.version].every((one) => typeof one === 'number');
}

/** Under which name it is kept in the browser's tab. */
export const editName = ({id}: Entry) => `timeline-edit:${id}`;

interface Props {
    entry: Entry;

    /** Takes the focus when it appears. */
    autoFocus: boolean;
    onDone: () => void;
}

/** Edits an entry that was written by hand. Of two people who edit it at once, the second one decides what it says. */
export function EditForm({entry, autoFocus, onDone}: Props) {
    const intl = useIntl();
    const {kept, keep} = useKeptInput(editName(entry), isKeptEdit);
    const [base, setBase] = useState<Entry>(() => ({...entry, ...kept?.from}));
    const [theirs, setTheirs] = useState<Entry>();
    const typed: Typed = {text: kept?.text ?? base.text, when: 'at', wall: kept?.wall ?? toWall(base.happened_at, intl.timeZone), starred: entry.starred};
    const type = ({text, wall}: Partial<Typed>) => {
        const {text: before, happened_at, version} = base;
        keep({text: text ?? typed.text, wall: wall ?? typed.wall, from: {text: before, happened_at, version}});
    };
    const done = () => {
        keep(undefined);
        onDone();
    };

    const changeOf = (from: Entry): EntryChange => {
        const text = typed.text.trim();

        // The field has no seconds: a time that was not touched stays as it is.
        const at = typed.wall === toWall(base.happened_at, intl.timeZone) ? from.happened_at : fromWall(typed.wall, intl.timeZone);
        return {text: text === from.text ? undefined : text, happened_at: at === from.happened_at ? undefined : at, version: from.version};
    };
    const save = async (from: Entry): Promise<void> => {
        const change = changeOf(from);
        if (change.text === undefined && change.happened_at === undefined) {
            done();
            return;
        }
        try {
            receiveEntry(await changeEntry(from, change));
        } catch (cause) {
            if (!(cause instanceof ApiError) || ![OUTDATED, DELETED].includes(cause.code)) {
                throw cause;
            }
            const now = await getEntry(entry.incident_id, entry.id);
            receiveEntry(now);
            if (now.text !== from.text || now.happened_at !== from.happened_at || now.deleted_at > 0) {
                setTheirs(now);
                return;
            }

            // Only the star is another one.
            receiveEntry(await changeEntry(now, {...change, version: now.version}));
        }
        announce(intl.formatMessage({id: 'incident_timeline.was_saved', defaultMessage: 'The entry was saved.'}));
        done();
    };
    const saving = useAction(save);
    const isDeleted = theirs !== undefined && theirs.deleted_at > 0;
    return (
        <EntryForm
            label={(
                <FormattedMessage
                    id='incident_timeline.what'
                    defaultMessage='What happened?'
                />
            )}
            name={intl.formatMessage({id: 'incident_timeline.edit_form', defaultMessage: 'Edit the entry'})}
            typed={typed}
            onType={type}
            onSubmit={() => {
                if (theirs && !isDeleted) {
                    setBase(theirs);
                    setTheirs(undefined);
                }
                if (!isDeleted) {
                    void saving.run(theirs ?? base);
                }
            }}
            onCancel={done}
            busy={saving.busy}
            isEdit={true}
            autoFocus={autoFocus}
            submit={theirs ? (
                <FormattedMessage
                    id='incident_timeline.save_mine'
                    defaultMessage='Save Mine'
                />
            ) : (
                <FormattedMessage
                    id='incident_timeline.save'
                    defaultMessage='Save'
                />
            )}
        >
            {theirs && (
                <div
                    className={styles.conflict}
                    role='alert'
                >
                    {isDeleted ? (
                        <FormattedMessage
                            id='incident_timeline.conflict_deleted'
                            defaultMessage='{who} has deleted this entry meanwhile. What you have typed cannot be saved here; add it as a new entry.'
                            values={{who: <Who userId={theirs.deleted_by_id}/>}}
                        />
                    ) : (
                        <>
                            <FormattedMessage
                                id='incident_timeline.conflict'
                                defaultMessage='{who} has edited this entry meanwhile, {time}. It now says:'
                                values={{who: <Who userId={theirs.edited_by_id}/>, time: <DateTime at={theirs.edited_at}/>}}
                            />
                            <blockquote className={styles.former}><Text text={theirs.text}/></blockquote>
                            <Button
                                kind='link'
                                onClick={() => {
                                    setBase(theirs);
                                    setTheirs(undefined);
                                    keep(undefined);
                                }}
                            >
                                <FormattedMessage
                                    id='incident_timeline.take_theirs'
                                    defaultMessage='Go on with this text'
                                />
                            </Button>
                        </>
                    )}
                </div>
            )}
            {saving.error && (
                <ErrorNotice error={saving.error}>
                    <FormattedMessage
                        id='incident_timeline.save_failed'
                        defaultMessage='The entry could not be saved.'
                    />
                </ErrorNotice>
            )}
        </EntryForm>
    );
}
