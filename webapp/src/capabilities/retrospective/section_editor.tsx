import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {PUBLISHED} from 'src/capabilities/retrospective/client';
import {Conflict} from 'src/capabilities/retrospective/conflict';
import {Questions} from 'src/capabilities/retrospective/questions';
import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {SectionText, TextState} from 'src/capabilities/retrospective/section_text';
import {Retrospective, RETROSPECTIVE_LIMITS, Section} from 'src/capabilities/retrospective/types';
import {Text} from 'src/people/text';
import {useObserved} from 'src/query/observable';
import {Button} from 'src/ui/button';
import {TextArea} from 'src/ui/field';
import {causeOf, ErrorNotice} from 'src/ui/notice';
import {Tabs} from 'src/ui/tabs';
import {showToast} from 'src/ui/toast';

interface Props {
    document: Retrospective;
    section: Section;
    heading: string;
    text: SectionText;
    onClose: () => void;
}

/** Says whether what is typed is stored. */
function Saved({state, isDirty}: {state: TextState; isDirty: boolean}) {
    let said = (
        <FormattedMessage
            id='retrospective.saved'
            defaultMessage='Everything is saved.'
        />
    );
    if (state.theirs || state.error) {
        said = state.isKept ? (
            <FormattedMessage
                id='retrospective.kept'
                defaultMessage='Not saved. Your text is kept in this browser.'
            />
        ) : (
            <FormattedMessage
                id='retrospective.not_kept'
                defaultMessage='Not saved. Do not close this page before it is.'
            />
        );
    } else if (state.isSaving || isDirty) {
        said = (
            <FormattedMessage
                id='retrospective.saving'
                defaultMessage='Saving…'
            />
        );
    }
    return (
        <span
            className={styles.muted}
            role='status'
            data-testid='retrospective-saved'
        >
            {said}
        </span>
    );
}

/** Edits the text of a section, with a preview. It is saved by itself. */
export function SectionEditor({document: shown, section, heading, text, onClose}: Props) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const state = useObserved(text, text.read);
    const [tab, setTab] = useState<'write' | 'preview'>('write');
    const [isClosing, setClosing] = useState(false);
    const field = useRef<HTMLTextAreaElement>(null);
    const isPublished = shown.state === 'published';

    useEffect(() => {
        text.onUnseen = ({error, theirs}) => showToast([
            formatMessage({id: 'retrospective.unseen', defaultMessage: 'Your text of the section “{heading}” was not saved. It is kept in this browser.'}, {heading}),
            theirs ? formatMessage({id: 'retrospective.unseen_conflict', defaultMessage: 'Somebody else has changed the section.'}) : error && causeOf(intl, error),
        ].filter(Boolean).join(' '));
    }, [text, intl, formatMessage, heading]);
    useEffect(() => text.show(), [text]);
    useEffect(() => {
        if (!text.read().isRestored) {
            field.current?.focus();
        }
    }, [text]);
    useEffect(() => {
        if (!isPublished) {
            text.save();
        }
    }, [text, isPublished]);
    const {isDone} = text;
    const isStuck = Boolean(state.error || state.theirs);
    useEffect(() => {
        if (isClosing && isDone) {
            onClose();
        } else if (isStuck) {
            setClosing(false);
        }
    }, [isClosing, isDone, isStuck, onClose]);
    const close = () => {
        text.save();
        setClosing(true);
    };
    return (
        <div className={styles.editor}>
            {state.isRestored && text.isDirty && (
                <p
                    role='status'
                    className={styles.note}
                >
                    <FormattedMessage
                        id='retrospective.restored'
                        defaultMessage='This is what you had typed before and was not saved.'
                    />
                </p>
            )}
            {isPublished && (
                <div className={styles.note}>
                    <span role='alert'>
                        <FormattedMessage
                            id='retrospective.published_meanwhile'
                            defaultMessage='The retrospective was published before your text was saved. Reopen it to save your text.'
                        />
                    </span>
                </div>
            )}
            {state.theirs && (
                <Conflict
                    theirs={state.theirs}
                    mine={text}
                />
            )}
            <Questions questions={section.questions}/>
            <Tabs
                label={formatMessage({id: 'retrospective.editor', defaultMessage: 'Text of the section'})}
                tabs={[
                    {key: 'write', text: formatMessage({id: 'retrospective.write', defaultMessage: 'Write'})},
                    {key: 'preview', text: formatMessage({id: 'retrospective.preview', defaultMessage: 'Preview'})},
                ]}
                active={tab}
                onChoose={setTab}
                className={styles.editorPanel}
            >
                {tab === 'write' ? (
                    <TextArea
                        ref={field}
                        label={formatMessage({id: 'retrospective.text', defaultMessage: '{heading}, in Markdown'}, {heading})}
                        rows={Math.min(24, Math.max(6, state.text.split('\n').length + 2))}
                        limit={RETROSPECTIVE_LIMITS.text}
                        readOnly={isPublished}
                        value={state.text}
                        onChange={(event) => text.type(event.target.value)}
                        onBlur={() => text.save()}
                    />
                ) : (
                    <div
                        className={styles.preview}
                        data-testid='retrospective-preview'
                    >
                        {state.text.trim() ? <Text text={state.text}/> : (
                            <p className={styles.muted}>
                                <FormattedMessage
                                    id='retrospective.preview_empty'
                                    defaultMessage='There is nothing to show.'
                                />
                            </p>
                        )}
                    </div>
                )}
            </Tabs>
            {state.aside !== undefined && (
                <div className={styles.note}>
                    <FormattedMessage
                        id='retrospective.aside'
                        defaultMessage='Your own text was put aside.'
                    />
                    <Button
                        kind='quiet'
                        onClick={() => text.bringBack()}
                    >
                        <FormattedMessage
                            id='retrospective.bring_back'
                            defaultMessage='Add It Below'
                        />
                    </Button>
                    <Button
                        kind='quiet'
                        onClick={() => text.dropAside()}
                    >
                        <FormattedMessage
                            id='retrospective.drop_aside'
                            defaultMessage='Discard It'
                        />
                    </Button>
                </div>
            )}
            {state.error && !isPublished && state.error.code !== PUBLISHED && (
                <ErrorNotice
                    error={state.error}
                    onRetry={() => text.save()}
                >
                    <FormattedMessage
                        id='retrospective.save_failed'
                        defaultMessage='The section was not saved.'
                    />
                </ErrorNotice>
            )}
            <div className={styles.editorFoot}>
                <Saved
                    state={state}
                    isDirty={text.isDirty}
                />
                {isPublished ? (
                    <Button
                        onClick={() => {
                            text.discard(section);
                            onClose();
                        }}
                    >
                        <FormattedMessage
                            id='retrospective.discard'
                            defaultMessage='Discard My Text'
                        />
                    </Button>
                ) : (
                    <Button
                        busy={isClosing && !isDone && !state.error}
                        locked={Boolean(state.theirs) || state.aside !== undefined}
                        onClick={close}
                    >
                        <FormattedMessage
                            id='retrospective.done'
                            defaultMessage='Done'
                        />
                    </Button>
                )}
            </div>
        </div>
    );
}
