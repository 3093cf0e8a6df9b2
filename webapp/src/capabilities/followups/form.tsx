import React, {FormEvent, ReactNode, useMemo, useRef} from 'react';
import {useIntl} from 'react-intl';
import {useStore} from 'react-redux';

import {dueOf, fieldsOf} from 'src/capabilities/followups/due';
import styles from 'src/capabilities/followups/followups.module.css';
import {FollowUpDraft, LIMITS} from 'src/capabilities/followups/types';
import {channelById, HostState} from 'src/host/store';
import {UserSelector} from 'src/people/user_selector';
import {peopleOf, PeopleSource} from 'src/store/members';
import {TextArea, TextField} from 'src/ui/field';
import {useDomId} from 'src/ui/ids';

/** What is typed: the due date as its two fields. */
export interface Typed extends Omit<FollowUpDraft, 'due_at'> {
    day: string;
    time: string;
}

const NOTHING_TYPED: Typed = {title: '', text: '', owner_id: '', link: '', day: '', time: ''};

/** Whether these are fields in which a form differs from what it began with. */
export function isChange(value: unknown): value is Partial<Typed> {
    return typeof value === 'object' && value !== null && Object.entries(value).every(([field, text]) => field in NOTHING_TYPED && typeof text === 'string');
}
export const NO_CHANGE: Partial<Typed> = {};
export const isChanging = (change: Partial<Typed>) => Object.keys(change).length > 0;

export const typedOf = ({due_at: due, ...rest}: FollowUpDraft, timeZone?: string): Typed => ({
    title: rest.title, text: rest.text, owner_id: rest.owner_id, link: rest.link, ...fieldsOf(due, timeZone),
});

/** The draft that was typed. What was not touched stays as it was, also the seconds of a due date and spaces at the ends of texts. */
export function draftOf({day, time, ...rest}: Typed, before: FollowUpDraft | undefined, timeZone?: string): FollowUpDraft {
    const was = before ? fieldsOf(before.due_at, timeZone) : undefined;
    const due = was?.day === day && was.time === time ? before?.due_at ?? 0 : dueOf({day, time}, timeZone);
    const text = (name: 'title' | 'text' | 'link') => (before?.[name] === rest[name] ? rest[name] : rest[name].trim());
    return {title: text('title'), text: text('text'), owner_id: rest.owner_id, link: text('link'), due_at: due};
}

const isAddress = (link: string) => (/^https?:\/\/[^\s/]/i).test(link);

/** Which fields are not well, with a text for each. */
export function useProblems(typed: Typed): Partial<Record<'title' | 'link' | 'day', string>> {
    const {formatMessage} = useIntl();
    const link = typed.link.trim();
    return {
        title: typed.title.trim() ? undefined : formatMessage({id: 'followups.title_missing', defaultMessage: 'Say in a few words what is to be done.'}),
        link: !link || isAddress(link) ? undefined : formatMessage({id: 'followups.link_wrong', defaultMessage: 'The whole address of a page, such as https://tracker.example.com/ISSUE-1.'}),
        day: typed.time && !typed.day ? formatMessage({id: 'followups.day_missing', defaultMessage: 'Choose the day, too.'}) : undefined,
    };
}

/** Who can be the owner: members of the incident's channel first; where the whole team can read it, anybody of the team is found. */
function ownersOf(store: {getState: () => HostState}, teamId: string, channelId: string): PeopleSource {
    const members = peopleOf({team_id: teamId, in_channel: channelId});
    const isPublic = channelById(store.getState(), channelId)?.type === 'O';
    return isPublic ? {...members, key: `${members.key}/team`, search: peopleOf({team_id: teamId}).search} : members;
}

interface Props {
    formId: string;
    teamId: string;
    channelId: string;
    typed: Typed;
    onType: (typed: Partial<Typed>) => void;
    onSubmit: () => void;
    busy: boolean;

    /** Shows what is missing; before, that would only disturb. */
    isTried: boolean;

    /** Said below a field, as that somebody else has changed it. */
    notes?: Partial<Record<keyof FollowUpDraft, ReactNode>>;
}

/** The fields of a follow-up. Enter in a line saves, but not the Enter of an input method. */
export function FollowUpForm({formId, teamId, channelId, typed, onType, onSubmit, busy, isTried, notes = {}}: Props) {
    const {formatMessage} = useIntl();
    const store = useStore<HostState>();
    const ownerId = useDomId('followup-owner');
    const owners = useMemo(() => ownersOf(store, teamId, channelId), [store, teamId, channelId]);
    const problems = useProblems(typed);
    const isComposing = useRef(false);
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (!isComposing.current) {
            onSubmit();
        }
    };
    const ownerLabel = formatMessage({id: 'followups.owner', defaultMessage: 'Owner'});
    return (
        <form
            id={formId}
            className={styles.form}
            noValidate={true}
            onSubmit={submit}
            onCompositionStart={() => {
                isComposing.current = true;
            }}
            onCompositionEnd={() => {
                isComposing.current = false;
            }}
        >
            <TextField
                label={formatMessage({id: 'followups.title', defaultMessage: 'What is to be done'})}
                value={typed.title}
                limit={LIMITS.title}
                readOnly={busy}
                data-autofocus={true}
                required={true}
                error={isTried && problems.title}
                onChange={(event) => onType({title: event.target.value})}
            />
            {notes.title}
            <TextArea
                label={formatMessage({id: 'followups.text', defaultMessage: 'Details (optional, Markdown)'})}
                rows={4}
                value={typed.text}
                limit={LIMITS.text}
                readOnly={busy}
                onChange={(event) => onType({text: event.target.value})}
            />
            {notes.text}
            <div className={styles.pair}>
                <div
                    role='group'
                    aria-labelledby={ownerId}
                >
                    <span
                        id={ownerId}
                        className={styles.label}
                    >
                        {ownerLabel}
                    </span>
                    <UserSelector
                        className={styles.ownerSelector}
                        label={formatMessage({id: 'followups.choose_owner', defaultMessage: 'Choose the owner'})}
                        userId={typed.owner_id}
                        source={owners}
                        nobody={formatMessage({id: 'followups.nobody', defaultMessage: 'Nobody'})}
                        disabled={busy}
                        isPartOfForm={true}
                        selfNote={formatMessage({id: 'followups.self', defaultMessage: '(you)'})}
                        onChoose={({id}) => onType({owner_id: id})}
                        reset={{
                            text: formatMessage({id: 'followups.nobody', defaultMessage: 'Nobody'}),
                            onReset: () => onType({owner_id: ''}),
                        }}
                    />
                    {notes.owner_id}
                </div>
                <div className={styles.dueFields}>
                    <TextField
                        type='date'
                        label={formatMessage({id: 'followups.due_day', defaultMessage: 'Due date (optional)'})}
                        value={typed.day}
                        max='9999-12-31'
                        dir={undefined}
                        readOnly={busy}
                        error={isTried && problems.day}
                        onChange={(event) => onType({day: event.target.value})}
                    />
                    <TextField
                        type='time'
                        label={formatMessage({id: 'followups.due_time', defaultMessage: 'Time (optional)'})}
                        value={typed.time}
                        dir={undefined}
                        readOnly={busy}
                        onChange={(event) => onType({time: event.target.value})}
                    />
                </div>
            </div>
            {notes.due_at}
            <TextField
                type='url'
                label={formatMessage({id: 'followups.link', defaultMessage: 'Link to an issue (optional)'})}
                value={typed.link}
                limit={LIMITS.link}
                placeholder='https://'
                dir='ltr'
                readOnly={busy}
                error={isTried && problems.link}
                onChange={(event) => onType({link: event.target.value})}
            />
            {notes.link}
            {/* Without a button inside, browsers do not send a form of several fields by Enter. */}
            <input
                type='submit'
                hidden={true}
            />
        </form>
    );
}
