import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/capabilities/followups/followups.module.css';
import {carry, useCarriedTasks} from 'src/capabilities/followups/store';
import {useAction} from 'src/query/use_action';
import {Incident, Task} from 'src/types/incident';
import {Button, CancelButton} from 'src/ui/button';
import choiceStyles from 'src/ui/choice.module.css';
import {announce} from 'src/ui/live_region';
import {Modal} from 'src/ui/modal';
import {ErrorNotice, Loading} from 'src/ui/notice';

/** Tasks that are not finished. Those of version 1.2.0 may have no id yet, and cannot be chosen one by one. */
export const unfinished = (incident: Incident): Task[] =>
    incident.checklists.flatMap(({items}) => items).filter(({id, state}) => id !== '' && state !== 'closed');

/** Chooses which unfinished tasks become follow-ups. All are chosen at first. */
export function CarryOver({incident, onClose}: {incident: Incident; onClose: () => void}) {
    const {formatMessage} = useIntl();
    const {data: carried, error: loadError, reload} = useCarriedTasks(incident.id);
    const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
    const stages = incident.checklists.map((stage) => ({
        ...stage, items: unfinished({...incident, checklists: [stage]}).filter(({id}) => !carried?.includes(id)),
    })).filter(({items}) => items.length > 0);
    const all = stages.flatMap(({items}) => items.map(({id}) => id));
    const chosen = all.filter((id) => !leftOut.has(id));
    const toggle = (ids: string[], isChosen: boolean) => {
        const next = new Set(leftOut);
        ids.forEach((id) => (isChosen ? next.delete(id) : next.add(id)));
        setLeftOut(next);
    };
    const {run, busy, error} = useAction(async () => {
        const count = await carry(incident.id, chosen);
        announce(formatMessage({id: 'followups.said_carried', defaultMessage: '{count, plural, one {# follow-up was} other {# follow-ups were}} added.'}, {count}));
    });
    const submit = async () => {
        if (await run()) {
            onClose();
        }
    };
    let content = <Loading/>;
    if (loadError && !carried) {
        content = (
            <ErrorNotice
                error={loadError}
                onRetry={reload}
            >
                <FormattedMessage
                    id='followups.failed'
                    defaultMessage='The follow-ups could not be loaded.'
                />
            </ErrorNotice>
        );
    } else if (carried && all.length === 0) {
        content = (
            <FormattedMessage
                id='followups.nothing_to_carry'
                defaultMessage='Every task is finished or was carried over before.'
            />
        );
    } else if (carried) {
        content = (
            <>
                <p className={styles.hint}>
                    <FormattedMessage
                        id='followups.carry_text'
                        defaultMessage='Each task becomes a follow-up. Who it is assigned to becomes the owner, if they can read the incident.'
                    />
                </p>
                <label className={styles.choice}>
                    <input
                        type='checkbox'
                        className={choiceStyles.check}
                        checked={chosen.length === all.length}
                        disabled={busy}
                        data-autofocus={true}
                        onChange={(event) => toggle(all, event.target.checked)}
                    />
                    <strong>
                        <FormattedMessage
                            id='followups.carry_all'
                            defaultMessage='All unfinished tasks ({count})'
                            values={{count: all.length}}
                        />
                    </strong>
                </label>
                {stages.map(({id, title, items}) => (
                    <fieldset
                        key={id}
                        className={styles.stage}
                    >
                        <legend><bdi>{title}</bdi></legend>
                        {items.map((task) => (
                            <label
                                key={task.id}
                                className={styles.choice}
                            >
                                <input
                                    type='checkbox'
                                    className={choiceStyles.check}
                                    checked={!leftOut.has(task.id)}
                                    disabled={busy}
                                    onChange={(event) => toggle([task.id], event.target.checked)}
                                />
                                <bdi>{task.title}</bdi>
                            </label>
                        ))}
                    </fieldset>
                ))}
            </>
        );
    }
    return (
        <Modal
            id='followupCarryModal'
            title={(
                <FormattedMessage
                    id='followups.carry_title'
                    defaultMessage='Carry over unfinished tasks'
                />
            )}
            onClose={onClose}
            busy={busy}
            footer={(
                <>
                    <CancelButton
                        locked={busy}
                        onClick={onClose}
                    />
                    <Button
                        kind='primary'
                        busy={busy}
                        disabled={chosen.length === 0}
                        onClick={() => void submit()}
                    >
                        <FormattedMessage
                            id='followups.carry_confirm'
                            defaultMessage='Carry Over {count}'
                            values={{count: chosen.length}}
                        />
                    </Button>
                </>
            )}
        >
            {content}
            {error && (
                <ErrorNotice error={error}>
                    <FormattedMessage
                        id='followups.carry_failed'
                        defaultMessage='The tasks could not be carried over.'
                    />
                </ErrorNotice>
            )}
        </Modal>
    );
}
