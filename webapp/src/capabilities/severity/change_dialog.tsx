import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {changeSeverity} from 'src/capabilities/severity/client';
import {isLower} from 'src/capabilities/severity/level';
import {LevelBadge} from 'src/capabilities/severity/level_badge';
import styles from 'src/capabilities/severity/severity.module.css';
import {useKeptInput} from 'src/incident/kept_input';
import {useAction} from 'src/query/use_action';
import {takeIncident} from 'src/store/incidents';
import {Incident} from 'src/types/incident';
import {IncidentSeverity, SeverityLevel} from 'src/types/severity';
import {Button, CancelButton} from 'src/ui/button';
import choiceStyles from 'src/ui/choice.module.css';
import {TextArea} from 'src/ui/field';
import {useDomId} from 'src/ui/ids';
import {Modal} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {formatDuration} from 'src/ui/time';

/** Longest reason that the server takes, in characters. */
const REASON = 1024;

/** What is chosen and typed, and not saved yet. */
interface Choice {
    key: string;
    reason: string;
}

function isChoice(value: unknown): value is Choice {
    const {key, reason} = (value ?? {}) as Partial<Choice>;
    return typeof key === 'string' && typeof reason === 'string';
}

interface Props {
    incident: Incident;
    severity: IncidentSeverity;
    onClose: () => void;
}

/** Whether the next update of an incident could become later with this level, which nobody wants unasked. */
function isLater({clock, is_active: isActive}: Incident, severity: IncidentSeverity, level: SeverityLevel | undefined): boolean {
    return isActive && level !== undefined && level.update_seconds > 0 && isLower(severity, level.key) &&
        clock !== undefined && Date.now() + (level.update_seconds * 1000) > clock.next_update_at;
}

/** Chooses the level, with a reason. Before the next update becomes later, it asks. */
export function ChangeDialog({incident, severity, onClose}: Props) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const name = useDomId('severity');
    const {kept, keep} = useKeptInput(`severity:${incident.id}`, isChoice);
    const {key, reason} = kept && severity.levels.some((one) => one.key === kept.key) ? kept : {key: severity.key, reason: kept?.reason ?? ''};
    const choose = (change: Partial<Choice>) => keep({key, reason, ...change});
    const close = () => {
        keep(undefined);
        onClose();
    };
    const [reschedule, setReschedule] = useState(false);
    const level = severity.levels.find((one) => one.key === key);
    const asks = isLater(incident, severity, level);
    const save = useAction(async () => {
        takeIncident(await changeSeverity(incident.id, {severity: key, reason: reason.trim(), reschedule: asks && reschedule}));
        close();
    });
    const isSame = key === severity.key;
    return (
        <Modal
            title={formatMessage({id: 'severity.dialog', defaultMessage: 'Severity of this incident'})}
            onClose={close}
            busy={save.busy}
            footer={(
                <>
                    <CancelButton
                        locked={save.busy}
                        onClick={close}
                    />
                    <Button
                        kind='primary'
                        busy={save.busy}
                        disabled={isSame}
                        onClick={() => void save.run()}
                    >
                        <FormattedMessage
                            id='severity.save'
                            defaultMessage='Save'
                        />
                    </Button>
                </>
            )}
        >
            <fieldset className={styles.choices}>
                <legend className={styles.legend}>
                    <FormattedMessage
                        id='severity.how_severe'
                        defaultMessage='How severe is it now?'
                    />
                </legend>
                {severity.levels.map((one, index) => (
                    <label
                        key={one.key}
                        className={styles.choice}
                    >
                        <input
                            type='radio'
                            name={name}
                            className={choiceStyles.radio}
                            value={one.key}
                            checked={one.key === key}
                            disabled={save.busy}
                            data-autofocus={one.key === key || (!key && index === 0) || undefined}
                            onChange={() => choose({key: one.key})}
                        />
                        <span className={styles.level}>
                            <span className={styles.head}>
                                <LevelBadge level={one}/>
                                <strong dir='auto'>{one.name}</strong>
                            </span>
                            {one.description && (
                                <span
                                    className={styles.description}
                                    dir='auto'
                                >
                                    {one.description}
                                </span>
                            )}
                        </span>
                    </label>
                ))}
            </fieldset>
            {asks && level && (
                <fieldset
                    className={styles.choices}
                    data-testid='reschedule'
                >
                    <legend className={styles.legend}>
                        <FormattedMessage
                            id='severity.next_update'
                            defaultMessage='When is the next status update due?'
                        />
                    </legend>
                    {[false, true].map((isLaterChoice) => (
                        <label
                            key={String(isLaterChoice)}
                            className={styles.choice}
                        >
                            <input
                                type='radio'
                                name={`${name}-next`}
                                className={choiceStyles.radio}
                                checked={reschedule === isLaterChoice}
                                disabled={save.busy}
                                onChange={() => setReschedule(isLaterChoice)}
                            />
                            <span>
                                {isLaterChoice ?
                                    formatMessage(
                                        {id: 'severity.later', defaultMessage: 'Later: in {duration}, as usual for {key}'},
                                        {duration: formatDuration(intl, level.update_seconds * 1000), key: level.key},
                                    ) :
                                    formatMessage({id: 'severity.keep', defaultMessage: 'As planned'})}
                            </span>
                        </label>
                    ))}
                </fieldset>
            )}
            <TextArea
                label={formatMessage({id: 'severity.reason', defaultMessage: 'Reason (optional)'})}
                rows={2}
                limit={REASON}
                value={reason}
                readOnly={save.busy}
                onChange={(event) => choose({reason: event.target.value})}
            />
            {save.error && (
                <ErrorNotice error={save.error}>
                    <FormattedMessage
                        id='severity.failed'
                        defaultMessage='The severity could not be changed.'
                    />
                </ErrorNotice>
            )}
        </Modal>
    );
}
