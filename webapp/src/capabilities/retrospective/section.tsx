import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {saveSection} from 'src/capabilities/retrospective/client';
import {MarkedText} from 'src/capabilities/retrospective/marked_text';
import {openTexts} from 'src/capabilities/retrospective/open_texts';
import {Questions} from 'src/capabilities/retrospective/questions';
import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {SectionEditor} from 'src/capabilities/retrospective/section_editor';
import {receiveSection} from 'src/capabilities/retrospective/store';
import {takingCurrent} from 'src/capabilities/retrospective/taking_current';
import {Retrospective, Section} from 'src/capabilities/retrospective/types';
import {standardText} from 'src/capabilities/retrospective/words';
import {currentUserId} from 'src/host/store';
import {Person} from 'src/people/person';
import {useObserved} from 'src/query/observable';
import {useAction} from 'src/query/use_action';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {announce} from 'src/ui/live_region';
import {Confirm} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';

interface Props {
    incident: Incident;
    document: Retrospective;
    section: Section;
}

/** Who a section is by: the plugin or people. */
function Origin({section: {origin, text, updated_by_id: by, update_at: at}}: {section: Section}) {
    if (origin === 'generated') {
        return text.trim() === '' ? null : (
            <span className={styles.generated}>
                <FormattedMessage
                    id='retrospective.generated'
                    defaultMessage='Generated'
                />
            </span>
        );
    }
    return (
        <span className={styles.edited}>
            <FormattedMessage
                id='retrospective.edited'
                defaultMessage='Edited by {person}, {time}'
                values={{
                    person: (
                        <Person
                            key='person'
                            userId={by}
                            size={16}
                        />
                    ),
                    time: <DateTime at={at}/>,
                }}
            />
        </span>
    );
}

/** One section of the document: its text with sources, or the editor of it. */
export function SectionPart({incident, document: shown, section}: Props) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const me = useSelector(currentUserId);
    const text = useObserved(openTexts, () => openTexts.read(incident.id, section.key));
    const [isAsking, setAsking] = useState(false);
    const edit = useRef<HTMLButtonElement>(null);
    const isFocusDue = useRef(false);
    const heading = standardText(intl, section.heading);
    const canEdit = shown.can_edit && shown.state !== 'published';
    useEffect(() => text?.note(section), [text, section]);
    useEffect(() => {
        // What was open and saved when somebody published.
        if (shown.state === 'published' && text?.isDone) {
            openTexts.close(incident.id, section.key);
        }
    }, [shown.state, text, incident.id, section.key]);
    useEffect(() => {
        if (!text && isFocusDue.current) {
            isFocusDue.current = false;
            edit.current?.focus();
        }
    }, [text, section.origin]);
    const generating = useAction(async () => {
        receiveSection(await takingCurrent(saveSection(incident.id, section.key, {generated: true}, section.revision)));

        // Its own button goes away.
        isFocusDue.current = true;
        setAsking(false);
        announce(formatMessage({id: 'retrospective.was_generated', defaultMessage: 'The section was written again.'}));
    });
    return (
        <section
            className={styles.section}
            aria-label={heading}
            data-testid={`retrospective-${section.key}`}
        >
            <div className={styles.sectionHead}>
                <h3><bdi>{heading}</bdi></h3>
                <Origin section={section}/>
                {canEdit && !text && (
                    <span className={styles.sectionActions}>
                        <Button
                            ref={edit}
                            kind='quiet'
                            aria-label={formatMessage({id: 'retrospective.edit_label', defaultMessage: 'Edit: {heading}'}, {heading})}
                            onClick={() => openTexts.open(me, incident.id, section)}
                        >
                            <FormattedMessage
                                id='retrospective.edit'
                                defaultMessage='Edit'
                            />
                        </Button>
                        {section.origin === 'edited' && (
                            <Button
                                kind='quiet'
                                aria-label={formatMessage({id: 'retrospective.generate_label', defaultMessage: 'Generate again: {heading}'}, {heading})}
                                onClick={() => {
                                    generating.clear();
                                    setAsking(true);
                                }}
                            >
                                <FormattedMessage
                                    id='retrospective.generate'
                                    defaultMessage='Generate Again'
                                />
                            </Button>
                        )}
                    </span>
                )}
            </div>
            {text ? (
                <SectionEditor
                    key={section.key}
                    {...{section, heading, text}}
                    document={shown}
                    onClose={() => {
                        isFocusDue.current = true;
                        openTexts.close(incident.id, section.key);
                    }}
                />
            ) : (
                <>
                    {section.text.trim() ? (
                        <MarkedText
                            incident={incident}
                            section={section}
                        />
                    ) : (
                        <>
                            <p className={styles.muted}>
                                <FormattedMessage
                                    id='retrospective.empty'
                                    defaultMessage='Nothing has been written here yet.'
                                />
                            </p>
                            <Questions questions={section.questions}/>
                        </>
                    )}
                </>
            )}
            {isAsking && (
                <Confirm
                    title={formatMessage({id: 'retrospective.generate_title', defaultMessage: 'Generate “{heading}” again?'}, {heading})}
                    confirm={formatMessage({id: 'retrospective.generate', defaultMessage: 'Generate Again'})}
                    isDangerous={true}
                    isCareful={true}
                    busy={generating.busy}
                    error={generating.error}
                    failure={formatMessage({id: 'retrospective.generate_failed', defaultMessage: 'The section was not written again.'})}
                    onConfirm={() => void generating.run()}
                    onCancel={() => setAsking(false)}
                >
                    <p>
                        <FormattedMessage
                            id='retrospective.generate_text'
                            defaultMessage='What people have written in this section is replaced by the generated text.'
                        />
                    </p>
                </Confirm>
            )}
            {generating.error && !isAsking && (
                <ErrorNotice
                    error={generating.error}
                    onDismiss={generating.clear}
                >
                    <FormattedMessage
                        id='retrospective.generate_failed'
                        defaultMessage='The section was not written again.'
                    />
                </ErrorNotice>
            )}
        </section>
    );
}
