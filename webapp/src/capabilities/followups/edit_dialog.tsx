import React, {ReactNode, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {storedIn} from 'src/capabilities/followups/client';
import {formatDue} from 'src/capabilities/followups/due';
import {draftOf, FollowUpForm, isChange, isChanging, NO_CHANGE, Typed, typedOf, useProblems} from 'src/capabilities/followups/form';
import styles from 'src/capabilities/followups/followups.module.css';
import {add, change} from 'src/capabilities/followups/store';
import {FollowUp, FollowUpDraft} from 'src/capabilities/followups/types';
import {uses24HourClock} from 'src/host/store';
import {useKeptInput} from 'src/incident/kept_input';
import {Person} from 'src/people/person';
import {toApiError} from 'src/query/retry';
import {useAction} from 'src/query/use_action';
import {Button, CancelButton} from 'src/ui/button';
import {useDomId} from 'src/ui/ids';
import {announce} from 'src/ui/live_region';
import {Modal} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';

const FIELDS = ['title', 'text', 'owner_id', 'due_at', 'link'] as const;
type Field = typeof FIELDS[number];

const NOTHING: FollowUpDraft = {title: '', text: '', owner_id: '', due_at: 0, link: ''};

const newKey = () => `web-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

/** The fields that differ. */
export function changesOf(before: FollowUpDraft, after: FollowUpDraft): Partial<FollowUpDraft> {
    return Object.fromEntries(FIELDS.filter((field) => before[field] !== after[field]).map((field) => [field, after[field]])) as Partial<FollowUpDraft>;
}

/** What somebody else has stored in a field that the user has changed, too. */
function Theirs({field, stored, onTake}: {field: Field; stored: FollowUp; onTake: () => void}) {
    const intl = useIntl();
    const is24Hours = useSelector(uses24HourClock);
    let value: ReactNode = <bdi>{stored[field]}</bdi>;
    if (field === 'owner_id' && stored.owner_id) {
        value = <Person userId={stored.owner_id}/>;
    } else if (field === 'due_at' && stored.due_at) {
        value = formatDue(intl, stored.due_at, is24Hours);
    } else if (!stored[field]) {
        value = intl.formatMessage({id: 'followups.empty', defaultMessage: 'nothing'});
    }
    return (
        <div className={styles.theirs}>
            <span>
                <FormattedMessage
                    id='followups.theirs'
                    defaultMessage='Somebody else has stored: {value}'
                    values={{value: <span key='value'>{value}</span>}}
                />
            </span>
            <Button
                kind='link'
                onClick={onTake}
            >
                <FormattedMessage
                    id='followups.take_theirs'
                    defaultMessage='Take it'
                />
            </Button>
        </div>
    );
}

interface FormDialogProps {
    title: ReactNode;
    teamId: string;
    channelId: string;

    /** Which of all forms it is: what is typed is kept under this name until it is saved or discarded. */
    name: string;

    /** What the form shows where nothing was typed; newer values come in while it is open. */
    before: FollowUpDraft;
    onSave: (draft: FollowUpDraft) => Promise<unknown>;
    onClose: () => void;
    confirm: ReactNode;
    failure: ReactNode;

    /** What is stored, after somebody else has changed it too, and the fields in which both differ. */
    conflict?: {stored: FollowUp; fields: Field[]};

    /** Stands above the form. */
    children?: ReactNode;
}

function FormDialog({name, title, teamId, channelId, before, onSave, onClose, confirm, failure, conflict, children}: FormDialogProps) {
    const intl = useIntl();
    const formId = useDomId('followup-form');
    const {kept: changed = NO_CHANGE, keep} = useKeptInput(`followup:${name}`, isChange, isChanging);
    const [isRestored] = useState(isChanging(changed));
    const [isTried, setTried] = useState(false);
    const [asks, setAsks] = useState(false);
    const shown = typedOf(before, intl.timeZone);
    const typed: Typed = {...shown, ...changed};
    const draft = draftOf(typed, before, intl.timeZone);
    const isChanged = Object.keys(changesOf(before, draft)).length > 0;
    const problems = Object.values(useProblems(typed)).filter(Boolean);
    const {run, busy, error} = useAction(onSave);
    const close = () => {
        keep(undefined);
        onClose();
    };
    const submit = async () => {
        setTried(true);
        setAsks(false);
        if (problems.length > 0 || Number.isNaN(draft.due_at)) {
            document.getElementById(formId)?.querySelector<HTMLElement>('[aria-invalid=true], [required]')?.focus();
        } else if (await run(draft)) {
            close();
        }
    };
    const onType = (more: Partial<Typed>) => {
        const next = {...changed, ...more};

        // What is as before is not changed, and follows what others store.
        keep(Object.fromEntries(Object.entries(next).filter(([name, value]) => shown[name as keyof Typed] !== value)));
    };
    const leave = () => (isChanged && !asks ? setAsks(true) : close());
    const take = (field: Field) => {
        const {day, time, ...rest} = changed;
        const left: Partial<Typed> = field === 'due_at' ? rest : {...rest, ...(day !== undefined && {day}), ...(time !== undefined && {time})};
        if (field !== 'due_at') {
            delete left[field];
        }
        keep(left);
    };
    const notes = conflict && Object.fromEntries(conflict.fields.filter((field) => draft[field] !== conflict.stored[field]).map((field) => [field, (
        <Theirs
            key={field}
            field={field}
            stored={conflict.stored}
            onTake={() => take(field)}
        />
    )]));
    return (
        <Modal
            id='followupModal'
            title={title}
            onClose={leave}
            busy={busy}
            footer={(
                <>
                    {asks && (
                        <span
                            role='alert'
                            className={styles.asks}
                        >
                            <FormattedMessage
                                id='followups.unsaved'
                                defaultMessage='What you have typed is not saved.'
                            />
                        </span>
                    )}
                    <CancelButton
                        locked={busy}
                        onClick={leave}
                    >
                        {asks ? (
                            <FormattedMessage
                                id='followups.discard'
                                defaultMessage='Discard'
                            />
                        ) : undefined}
                    </CancelButton>
                    <Button
                        kind='primary'
                        busy={busy}
                        onClick={() => void submit()}
                    >
                        {confirm}
                    </Button>
                </>
            )}
        >
            {conflict && (
                <div
                    className={styles.conflict}
                    role='alert'
                >
                    <FormattedMessage
                        id='followups.conflict'
                        defaultMessage='Somebody else has changed this follow-up meanwhile. What you had not changed is up to date now. Check it, and save again.'
                    />
                </div>
            )}
            {isRestored && isChanged && (
                <p role='status'>
                    <FormattedMessage
                        id='followups.restored'
                        defaultMessage='This is what you had typed before and was not saved.'
                    />
                </p>
            )}
            {children && <div className={styles.above}>{children}</div>}
            <FollowUpForm
                formId={formId}
                teamId={teamId}
                channelId={channelId}
                typed={typed}
                onType={onType}
                onSubmit={() => void submit()}
                busy={busy}
                isTried={isTried}
                notes={notes}
            />
            {error && !storedIn(error) && <ErrorNotice error={error}>{failure}</ErrorNotice>}
        </Modal>
    );
}

/** Edits a follow-up. Fields that the user has not changed take what others store meanwhile, once both have changed it. */
export function EditDialog({item, onClose}: {item: FollowUp; onClose: () => void}) {
    const {formatMessage} = useIntl();
    const [base, setBase] = useState(item);
    const [fields, setFields] = useState<Field[]>();
    const save = async (draft: FollowUpDraft) => {
        const wanted = changesOf(base, draft);
        if (Object.keys(wanted).length === 0) {
            return;
        }
        try {
            await change(base, wanted);
        } catch (cause) {
            const stored = storedIn(toApiError(cause));
            if (stored) {
                setFields(FIELDS.filter((field) => field in wanted && stored[field] !== base[field] && stored[field] !== draft[field]));
                setBase(stored);
            }
            throw cause;
        }
        announce(formatMessage({id: 'followups.said_saved', defaultMessage: '“{title}” was saved.'}, {title: draft.title}));
    };
    return (
        <FormDialog
            name={item.id}
            title={(
                <FormattedMessage
                    id='followups.edit_title'
                    defaultMessage='Edit follow-up #{number}'
                    values={{number: item.number}}
                />
            )}
            teamId={item.team_id}
            channelId={item.channel_id}
            before={base}
            conflict={fields && {stored: base, fields}}
            onSave={save}
            onClose={onClose}
            confirm={(
                <FormattedMessage
                    id='followups.save'
                    defaultMessage='Save'
                />
            )}
            failure={(
                <FormattedMessage
                    id='followups.save_failed'
                    defaultMessage='The follow-up could not be saved.'
                />
            )}
        />
    );
}

interface AddProps {
    incidentId: string;
    teamId: string;
    channelId: string;

    /** What the form begins with. */
    draft?: Partial<FollowUpDraft>;

    /** The message from which it is made. */
    postId?: string;

    /** Replaces the title of the dialog. */
    title?: ReactNode;

    /** Stands above the form. */
    children?: ReactNode;
    onAdded?: () => void;
    onClose: () => void;
}

/** Adds a follow-up to an incident. */
export function AddDialog({incidentId, teamId, channelId, draft, postId, title, children, onAdded, onClose}: AddProps) {
    const {formatMessage} = useIntl();

    // Saving the same again after an answer was lost must not add a second one.
    const sent = useRef({text: '', key: ''});
    const save = async (typed: FollowUpDraft) => {
        const text = JSON.stringify([incidentId, typed]);
        if (sent.current.text !== text) {
            sent.current = {text, key: newKey()};
        }
        await add(incidentId, postId ? {...typed, post_id: postId} : typed, sent.current.key);
        onAdded?.();
        announce(formatMessage({id: 'followups.said_added', defaultMessage: '“{title}” was added.'}, {title: typed.title}));
    };
    return (
        <FormDialog
            name={postId ? `of/${postId}` : `${incidentId}/`}
            title={title ?? (
                <FormattedMessage
                    id='followups.add_title'
                    defaultMessage='Add a follow-up'
                />
            )}
            teamId={teamId}
            channelId={channelId}
            before={{...NOTHING, ...draft}}
            onSave={save}
            onClose={onClose}
            confirm={(
                <FormattedMessage
                    id='followups.add'
                    defaultMessage='Add'
                />
            )}
            failure={(
                <FormattedMessage
                    id='followups.add_failed'
                    defaultMessage='The follow-up could not be added.'
                />
            )}
        >
            {children}
        </FormDialog>
    );
}
