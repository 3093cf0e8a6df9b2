import React, {useEffect, useRef, useState} from 'react';
import {defineMessages, FormattedMessage, MessageDescriptor, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {answer} from 'src/capabilities/roles/changes';
import {Answer, HANDOFF_OVER} from 'src/capabilities/roles/client';
import styles from 'src/capabilities/roles/roles.module.css';
import {useShortTime} from 'src/capabilities/roles/short_time';
import {watched} from 'src/capabilities/roles/watched';
import {currentUserId} from 'src/host/store';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {useIsAdministrator} from 'src/incident/use_may_change';
import {Person} from 'src/people/person';
import {Incident} from 'src/types/incident';
import {Handoff} from 'src/types/roles';
import {Button} from 'src/ui/button';
import {useClock} from 'src/ui/clock';
import {announce} from 'src/ui/live_region';
import {ErrorNotice} from 'src/ui/notice';

const TEXTS = defineMessages({
    failed: {id: 'handoff.answer_failed', defaultMessage: 'Your answer was not taken.'},
    over: {id: 'handoff.over', defaultMessage: 'The offer was over already.'},
    arrived: {id: 'handoff.arrived', defaultMessage: 'You are asked to take command'},
});

export type Outcome = 'accepted' | 'overtaken' | 'lapsed' | 'refused';

const OUTCOMES: Record<Outcome, MessageDescriptor> = defineMessages({
    accepted: {id: 'handoff.accepted', defaultMessage: '{person} has accepted and is the commander now.'},
    overtaken: {id: 'handoff.overtaken', defaultMessage: 'The offer to {person} is over: the commander was changed meanwhile.'},
    lapsed: {id: 'handoff.lapsed', defaultMessage: '{person} did not answer in time. The commander is the same as before.'},
    refused: {id: 'handoff.refused', defaultMessage: 'The offer to {person} was declined or withdrawn. The commander is the same as before.'},
});

/** How an offer ended that is no longer pending. */
export function outcomeOf({to_user_id: to, expires_at: end}: Handoff, commanderBefore: string, {commander_user_id: commander}: Incident, now: number): Outcome {
    if (commander === to) {
        return 'accepted';
    }
    if (commander !== commanderBefore) {
        return 'overtaken';
    }
    return now >= end ? 'lapsed' : 'refused';
}

interface Ended {
    handoff: Handoff;
    outcome: Outcome;
}

/** How the offer ended that was pending a moment ago, for those whom it concerns; they do not need it of what they did themselves. */
function useOutcome(incident: Incident, me: string) {
    const handoff = incident.roles?.handoff;
    const [ended, setEnded] = useState<Ended>();
    const last = useRef<{handoff: Handoff; commander: string}>();
    const answered = useRef<string>();
    useEffect(() => {
        const {current: before} = last;
        if (handoff) {
            watched.add(incident.id);
        }
        last.current = handoff && {handoff, commander: incident.commander_user_id};
        if (handoff && before?.handoff.id !== handoff.id) {
            setEnded(undefined);
        }
        if (!handoff && before && before.handoff.id !== answered.current && [before.handoff.to_user_id, before.handoff.by_user_id, before.commander].includes(me)) {
            setEnded({handoff: before.handoff, outcome: outcomeOf(before.handoff, before.commander, incident, Date.now())});
        }
    }, [handoff, incident, me]);
    const noteAnswered = (id: string | undefined) => {
        answered.current = id;
    };
    return {ended, dismiss: () => setEnded(undefined), noteAnswered};
}

const person = (userId: string) => (
    <Person
        key={userId}
        userId={userId}
        size={16}
        className={styles.inText}
    />
);

interface Props {
    incident: Incident;

    /** Shows what concerns the receiver of the offer; otherwise what concerns everybody else. */
    isForReceiver: boolean;
}

/** An offer of command that is pending, with what the user may do about it, and how the last one ended. */
export function PendingHandoff({incident, isForReceiver}: Props) {
    const {formatMessage} = useIntl();
    const me = useSelector(currentUserId);
    const isAdministrator = useIsAdministrator();
    const shortTime = useShortTime();
    const handoff = incident.roles?.handoff;
    const isRunning = useClock((now) => Number(handoff !== undefined && now < handoff.expires_at), handoff !== undefined) === 1;
    const {ended, dismiss, noteAnswered} = useOutcome(incident, me);
    const {run, busy, error, clear} = useActionWithToast(async (id: string, how: Answer) => {
        noteAnswered(id);
        try {
            await answer(incident, id, how);
        } catch (cause) {
            noteAnswered(undefined);
            throw cause;
        }
    }, TEXTS.failed);
    const isForMe = isRunning && handoff?.to_user_id === me;
    const id = handoff?.id;
    useEffect(() => {
        if (isForReceiver && isForMe && id) {
            announce(formatMessage(TEXTS.arrived));
        }
    }, [isForReceiver, isForMe, id, formatMessage]);

    const failure = error && (
        <ErrorNotice
            error={error.code === HANDOFF_OVER ? undefined : error}
            onDismiss={clear}
        >
            {formatMessage(error.code === HANDOFF_OVER ? TEXTS.over : TEXTS.failed)}
        </ErrorNotice>
    );
    if (!handoff || !isRunning) {
        return (
            <>
                {failure}
                {ended && (ended.handoff.to_user_id === me) === isForReceiver && (
                    <div
                        className={styles.outcome}
                        data-testid='handoff-outcome'
                    >
                        <p role='status'>
                            <FormattedMessage
                                {...OUTCOMES[ended.outcome]}
                                values={{person: person(ended.handoff.to_user_id)}}
                            />
                        </p>
                        <div className={styles.buttons}>
                            <Button
                                kind='link'
                                onClick={dismiss}
                            >
                                <FormattedMessage
                                    id='ui.dismiss'
                                    defaultMessage='Dismiss'
                                />
                            </Button>
                        </div>
                    </div>
                )}
            </>
        );
    }
    if (isForMe !== isForReceiver) {
        return null;
    }
    const mayWithdraw = isAdministrator || [handoff.by_user_id, incident.commander_user_id].includes(me);
    const press = (how: Answer) => void run(handoff.id, how);
    return (
        <section
            className={styles.handoff}
            data-testid='handoff'
            aria-label={formatMessage({id: 'handoff.label', defaultMessage: 'Handoff of command'})}
        >
            {isForMe ? (
                <>
                    <p>
                        <FormattedMessage
                            id='handoff.asks'
                            defaultMessage='{person} asks you to take command. The offer ends at {time}.'
                            values={{person: person(handoff.by_user_id), time: shortTime(handoff.expires_at)}}
                        />
                    </p>
                    <div className={styles.buttons}>
                        <Button
                            kind='primary'
                            busy={busy}
                            onClick={() => press('accept')}
                        >
                            <FormattedMessage
                                id='handoff.accept'
                                defaultMessage='Accept'
                            />
                        </Button>
                        <Button
                            locked={busy}
                            onClick={() => press('decline')}
                        >
                            <FormattedMessage
                                id='handoff.decline'
                                defaultMessage='Decline'
                            />
                        </Button>
                    </div>
                </>
            ) : (
                <>
                    <p>
                        <FormattedMessage
                            id='handoff.waiting'
                            defaultMessage='Waiting for {person} to take command. The offer ends at {time}.'
                            values={{person: person(handoff.to_user_id), time: shortTime(handoff.expires_at)}}
                        />
                    </p>
                    {mayWithdraw && (
                        <div className={styles.buttons}>
                            <Button
                                busy={busy}
                                onClick={() => press('withdraw')}
                            >
                                <FormattedMessage
                                    id='handoff.withdraw'
                                    defaultMessage='Withdraw'
                                />
                            </Button>
                        </div>
                    )}
                </>
            )}
            {failure}
        </section>
    );
}
