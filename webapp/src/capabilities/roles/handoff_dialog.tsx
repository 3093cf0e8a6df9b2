import React, {useCallback, useLayoutEffect, useMemo, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {IncidentDialogProps} from 'src/capabilities/capability';
import {offer} from 'src/capabilities/roles/changes';
import styles from 'src/capabilities/roles/roles.module.css';
import {currentUserId} from 'src/host/store';
import {Person, PersonOption} from 'src/people/person';
import {useAction} from 'src/query/use_action';
import {peopleOf} from 'src/store/members';
import {User} from 'src/types/host_rest';
import {Button, CancelButton} from 'src/ui/button';
import {announce} from 'src/ui/live_region';
import {Modal} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {Picker} from 'src/ui/picker';

/** Chooses who is asked to take command. */
export default function HandoffDialog({incident, onClose}: IncidentDialogProps) {
    const {formatMessage} = useIntl();
    const {team_id: teamId, channel_id: channelId, commander_user_id: commander} = incident;
    const me = useSelector(currentUserId);
    const [chosen, setChosen] = useState<User>();
    const sender = useRef<HTMLButtonElement>(null);

    // The search box is gone then. When it had the focus no more, the answer came late, and the focus stays where it was moved to.
    useLayoutEffect(() => {
        if (chosen && document.activeElement === document.body) {
            sender.current?.focus();
        }
    }, [chosen]);
    const source = useMemo(() => peopleOf({team_id: teamId, in_channel: channelId}), [teamId, channelId]);
    const isPossible = useCallback((user: User) => user.id !== commander && !user.is_bot, [commander]);
    const load = useCallback(async (page: number, signal: AbortSignal) => {
        const {users, hasMore} = await source.load(page, signal);
        return {options: users.filter(isPossible), hasMore};
    }, [source, isPossible]);
    const search = useCallback(async (term: string, signal: AbortSignal) => (await source.search(term, signal)).filter(isPossible), [source, isPossible]);
    const asking = useAction(async (userId: string) => offer(incident, userId));
    const ask = async () => {
        if (chosen && await asking.run(chosen.id)) {
            announce(formatMessage({id: 'handoff.asked', defaultMessage: 'The offer was sent'}));
            onClose();
        }
    };
    return (
        <Modal
            id='incidentHandoffModal'
            title={formatMessage({id: 'handoff.title', defaultMessage: 'Hand over command'})}
            onClose={onClose}
            busy={asking.busy}
            footer={(
                <>
                    <CancelButton
                        locked={asking.busy}
                        onClick={onClose}
                    />
                    <Button
                        ref={sender}
                        kind='primary'
                        busy={asking.busy}
                        disabled={!chosen}
                        onClick={() => void ask()}
                    >
                        <FormattedMessage
                            id='handoff.ask'
                            defaultMessage='Send the Offer'
                        />
                    </Button>
                </>
            )}
        >
            <p className={styles.explanation}>
                {me === commander ? (
                    <FormattedMessage
                        id='handoff.explanation'
                        defaultMessage='The person gets a direct message that says how the incident stands, and accepts or declines. You stay the commander until they accept. After 15 minutes without an answer the offer ends.'
                    />
                ) : (
                    <FormattedMessage
                        id='handoff.explanation_other'
                        defaultMessage='The person gets a direct message that says how the incident stands, and accepts or declines. The commander stays the same until they accept. After 15 minutes without an answer the offer ends.'
                    />
                )}
            </p>
            {chosen ? (
                <div className={styles.chosen}>
                    <Person
                        userId={chosen.id}
                        size={32}
                        fallbackName={`@${chosen.username}`}
                    />
                    <Button
                        kind='link'
                        locked={asking.busy}
                        onClick={() => {
                            asking.clear();
                            setChosen(undefined);
                        }}
                    >
                        <FormattedMessage
                            id='handoff.choose_other'
                            defaultMessage='Choose somebody else'
                        />
                    </Button>
                </div>
            ) : (
                <div className={styles.people}>
                    <Picker<User>
                        label={formatMessage({id: 'handoff.people', defaultMessage: 'Members of the channel'})}
                        load={load}
                        search={search}
                        keyOf={({id}) => id}
                        render={(user) => <PersonOption user={user}/>}
                        onChoose={setChosen}
                    />
                </div>
            )}
            {asking.error && (
                <ErrorNotice error={asking.error}>
                    <FormattedMessage
                        id='handoff.offer_failed'
                        defaultMessage='The offer was not sent.'
                    />
                </ErrorNotice>
            )}
        </Modal>
    );
}
