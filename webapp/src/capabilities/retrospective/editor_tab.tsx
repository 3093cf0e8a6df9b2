import React, {useMemo} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {EditorTabProps} from 'src/capabilities/capability';
import {isUnknownRoute} from 'src/capabilities/retrospective/client';
import styles from 'src/capabilities/retrospective/editor_tab.module.css';
import {SectionRows} from 'src/capabilities/retrospective/section_rows';
import {editable, isUnsaved, isUntouched, newRow, Unsaved, useSettings} from 'src/capabilities/retrospective/settings_draft';
import {RETROSPECTIVE_LIMITS, Settings} from 'src/capabilities/retrospective/types';
import {standardSections, standardText} from 'src/capabilities/retrospective/words';
import {Person} from 'src/people/person';
import {Button} from 'src/ui/button';
import choiceStyles from 'src/ui/choice.module.css';
import {useDomId} from 'src/ui/ids';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';

/** How a playbook prepares the retrospectives of its incidents. */
export default function RetrospectiveTab({playbookId, draft, unsaved, setUnsaved}: EditorTabProps) {
    const {data, error, reload} = useSettings(playbookId);
    if (isUnknownRoute(error)) {
        return (
            <p>
                <FormattedMessage
                    id='retrospective.not_here'
                    defaultMessage='This server has no retrospectives yet.'
                />
            </p>
        );
    }
    const kept = isUnsaved(unsaved) ? unsaved : undefined;
    const opened = kept?.opened ?? data;
    if (!opened) {
        return error ? (
            <ErrorNotice
                error={error}
                onRetry={reload}
            >
                <FormattedMessage
                    id='retrospective.settings_failed'
                    defaultMessage='The settings of the retrospective could not be loaded.'
                />
            </ErrorNotice>
        ) : <Loading/>;
    }
    return (
        <Form
            opened={opened}
            kept={kept}
            hasBroadcast={draft.broadcastChannelId !== ''}
            setUnsaved={setUnsaved}
        />
    );
}

interface Props {
    opened: Settings;
    kept?: Unsaved;
    hasBroadcast: boolean;
    setUnsaved: (value: Unsaved | undefined) => void;
}

function Form({opened, kept, hasBroadcast, setUnsaved}: Props) {
    const {formatMessage} = useIntl();
    const daysId = useDomId('days');
    const theirs = kept?.theirs;
    const stored = useMemo(() => editable(opened), [opened]);
    const settings = kept?.settings ?? stored;
    const change = (values: Partial<Unsaved['settings']>) => {
        const next = {...settings, ...values};
        setUnsaved(isUntouched(next, opened) && !theirs ? undefined : {...kept, opened, settings: next});
    };
    const setDays = (text: string) => {
        const days = Math.round(Number(text));
        if (Number.isFinite(days)) {
            change({due_working_days: Math.min(RETROSPECTIVE_LIMITS.dueDays, Math.max(0, days))});
        }
    };
    return (
        <div className={styles.form}>
            {theirs && (
                <Conflict
                    theirs={theirs}
                    onKeep={() => setUnsaved({opened: theirs, settings})}
                    onTake={() => setUnsaved(undefined)}
                />
            )}
            <fieldset className={styles.group}>
                <legend>
                    <FormattedMessage
                        id='retrospective.settings_due'
                        defaultMessage='When it is due'
                    />
                </legend>
                <label className={styles.check}>
                    <input
                        type='checkbox'
                        className={choiceStyles.check}
                        checked={settings.remind}
                        onChange={(event) => change({remind: event.target.checked})}
                    />
                    <FormattedMessage
                        id='retrospective.settings_remind'
                        defaultMessage='Remind the commander when the retrospective is due'
                    />
                </label>
                <div className={styles.days}>
                    <label htmlFor={daysId}>
                        <FormattedMessage
                            id='retrospective.settings_days'
                            defaultMessage='Working days after the end of the incident'
                        />
                    </label>
                    <input
                        id={daysId}
                        type='number'
                        className={styles.number}
                        min={0}
                        max={RETROSPECTIVE_LIMITS.dueDays}
                        step={1}
                        disabled={!settings.remind}
                        value={settings.due_working_days}
                        onChange={(event) => setDays(event.target.value)}
                    />
                </div>
            </fieldset>
            <fieldset className={styles.group}>
                <legend>
                    <FormattedMessage
                        id='retrospective.settings_publish'
                        defaultMessage='When it is published'
                    />
                </legend>
                <label className={styles.check}>
                    <input
                        type='checkbox'
                        className={choiceStyles.check}
                        checked={settings.broadcast}
                        onChange={(event) => change({broadcast: event.target.checked})}
                    />
                    <FormattedMessage
                        id='retrospective.settings_broadcast'
                        defaultMessage='Also post the summary in the broadcast channel'
                    />
                </label>
                {settings.broadcast && !hasBroadcast && (
                    <p className={styles.hint}>
                        <FormattedMessage
                            id='retrospective.settings_no_channel'
                            defaultMessage='This playbook has no broadcast channel. Choose one under Preferences.'
                        />
                    </p>
                )}
            </fieldset>
            <fieldset className={styles.group}>
                <legend>
                    <FormattedMessage
                        id='retrospective.settings_sections'
                        defaultMessage='Sections'
                    />
                </legend>
                <p className={styles.hint}>
                    <FormattedMessage
                        id='retrospective.settings_sections_text'
                        defaultMessage='The questions help those who write. Retrospectives that were begun keep their sections.'
                    />
                </p>
                <SectionRows
                    sections={settings.sections}
                    onChange={(sections) => change({sections})}
                />
                <Button
                    kind='quiet'
                    className={styles.standard}
                    onClick={() => change({sections: standardSections().map(newRow)})}
                >
                    <FormattedMessage
                        id='retrospective.settings_standard'
                        defaultMessage='Back to the Standard Sections'
                    />
                </Button>
            </fieldset>
            {opened.update_at > 0 && (
                <p className={styles.hint}>
                    <FormattedMessage
                        id='retrospective.settings_changed'
                        defaultMessage='Last changed by {person}, {time}.'
                        values={{
                            person: (
                                <Person
                                    key='person'
                                    userId={opened.updated_by_id}
                                    size={16}
                                />
                            ),
                            time: <DateTime at={opened.update_at}/>,
                        }}
                    />
                </p>
            )}
            <p className={styles.hint}>{formatMessage({id: 'retrospective.settings_save', defaultMessage: 'Changes here are saved with the playbook.'})}</p>
        </div>
    );
}

/** Somebody else has saved other settings meanwhile. */
function Conflict({theirs, onKeep, onTake}: {theirs: Settings; onKeep: () => void; onTake: () => void}) {
    const intl = useIntl();
    return (
        <div className={styles.conflict}>
            <p role='alert'>
                <FormattedMessage
                    id='retrospective.settings_conflict'
                    defaultMessage='Somebody else has changed the settings of the retrospective since you opened them. Choose, then save again.'
                />
            </p>
            <p className={styles.hint}>
                <FormattedMessage
                    id='retrospective.settings_theirs'
                    defaultMessage='Theirs: {remind, select, true {due after {days, plural, one {# working day} other {# working days}}} other {no reminder}}; sections: {headings}.'
                    values={{
                        remind: String(theirs.remind),
                        days: theirs.due_working_days,
                        headings: theirs.sections.map(({heading}) => standardText(intl, heading)).join(', '),
                    }}
                />
            </p>
            <div className={styles.choice}>
                <Button onClick={onKeep}>
                    <FormattedMessage
                        id='retrospective.settings_keep'
                        defaultMessage='Keep Mine'
                    />
                </Button>
                <Button onClick={onTake}>
                    <FormattedMessage
                        id='retrospective.settings_take'
                        defaultMessage='Take Theirs'
                    />
                </Button>
            </div>
        </div>
    );
}
