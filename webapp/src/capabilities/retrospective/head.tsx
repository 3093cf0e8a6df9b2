import React, {ReactNode, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {draftAgain, exportRetrospective, reopen} from 'src/capabilities/retrospective/client';
import {PublishDialog} from 'src/capabilities/retrospective/publish_dialog';
import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {takingCurrent} from 'src/capabilities/retrospective/taking_current';
import {receive} from 'src/capabilities/retrospective/store';
import {Retrospective} from 'src/capabilities/retrospective/types';
import {currentTeamName, HostState} from 'src/host/store';
import {Person} from 'src/people/person';
import {useAction} from 'src/query/use_action';
import {incidentPath} from 'src/routes';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {useClock} from 'src/ui/clock';
import {InnerLink} from 'src/ui/inner_link';
import {announce} from 'src/ui/live_region';
import {DotsMenu, MenuEntry} from 'src/ui/menu';
import {Confirm} from 'src/ui/modal';
import {ErrorNotice} from 'src/ui/notice';
import {saveFile} from 'src/ui/save_file';
import {DateTime} from 'src/ui/time';

interface Props {
    incident: Incident;
    document: Retrospective;
}

/** When the retrospective is due, as long as it is not published. */
function Due({at}: {at: number}) {
    const isOver = useClock((now) => Number(now >= at)) === 1;
    const time = <DateTime at={at}/>;
    return isOver ? (
        <strong className={styles.overdue}>
            <FormattedMessage
                id='retrospective.was_due'
                defaultMessage='It was due {time}.'
                values={{time}}
            />
        </strong>
    ) : (
        <FormattedMessage
            id='retrospective.due'
            defaultMessage='It is due {time}.'
            values={{time}}
        />
    );
}

/** What has become of the document: who has changed or published it, and when it is due. */
function Facts({incident, document: shown}: Props) {
    const {state, published_at: publishedAt, published_by_id: publishedBy, update_at: at, updated_by_id: by, due_at: dueAt} = shown;
    const person = (id: string): ReactNode => (
        <Person
            key='person'
            userId={id}
        />
    );
    return (
        <p className={styles.facts}>
            {state === 'none' && (
                <FormattedMessage
                    id='retrospective.nobody'
                    defaultMessage='This draft was written from what was recorded of the incident. Nobody has changed it yet.'
                />
            )}
            {state === 'draft' && (
                <FormattedMessage
                    id='retrospective.changed'
                    defaultMessage='Last changed by {person}, {time}.'
                    values={{person: person(by), time: <DateTime at={at}/>}}
                />
            )}
            {state === 'published' && (
                <FormattedMessage
                    id='retrospective.published_by'
                    defaultMessage='Published by {person}, {time}.'
                    values={{person: person(publishedBy), time: <DateTime at={publishedAt}/>}}
                />
            )}
            {' '}
            {state === 'draft' && publishedAt > 0 && (
                <>
                    <FormattedMessage
                        id='retrospective.was_published'
                        defaultMessage='It was published before, {time}.'
                        values={{time: <DateTime at={publishedAt}/>}}
                    />
                    {' '}
                </>
            )}
            {state !== 'published' && dueAt > 0 && !incident.is_active && <Due at={dueAt}/>}
        </p>
    );
}

/** What can be done with the whole document. */
export function Head({incident, document: shown}: Props) {
    const {formatMessage} = useIntl();
    const team = useSelector((state: HostState) => currentTeamName(state));
    const [asked, setAsked] = useState<'publish' | 'reopen'>();
    const {can_edit: canEdit, state} = shown;
    const isPublished = state === 'published';
    const again = useAction(async () => {
        receive(await takingCurrent(draftAgain(incident.id)));
        announce(formatMessage({id: 'retrospective.was_drafted', defaultMessage: 'The generated sections were written again.'}));
    });
    const reopening = useAction(async () => {
        receive(await takingCurrent(reopen(incident.id, shown.revision)));
        setAsked(undefined);
        announce(formatMessage({id: 'retrospective.was_reopened', defaultMessage: 'The retrospective is a draft again.'}));
    });
    const fetching = useAction(async () => {
        const {name, content} = await exportRetrospective(incident.id);
        saveFile(content, name || 'retrospective.md');
    });
    const entries: MenuEntry[] = [{
        key: 'markdown',
        'data-testid': 'retrospective-markdown',
        text: formatMessage({id: 'retrospective.download', defaultMessage: 'Download as Markdown'}),
        onChoose: () => void fetching.run(),
    }];
    if (canEdit && !isPublished) {
        entries.push({
            key: 'again',
            'data-testid': 'retrospective-again',
            text: formatMessage({id: 'retrospective.draft_again', defaultMessage: 'Write Generated Sections Again'}),
            onChoose: () => void again.run(),
        });
    }
    return (
        <div className={styles.documentHead}>
            <Facts
                incident={incident}
                document={shown}
            />
            <div className={styles.actions}>
                {canEdit && (isPublished || !incident.is_active) && (
                    // One element, so that it has the focus again after the dialog.
                    <Button
                        kind={isPublished ? 'secondary' : 'primary'}
                        onClick={() => {
                            reopening.clear();
                            setAsked(isPublished ? 'reopen' : 'publish');
                        }}
                    >
                        {isPublished ? (
                            <FormattedMessage
                                id='retrospective.reopen'
                                defaultMessage='Reopen'
                            />
                        ) : (
                            <FormattedMessage
                                id='retrospective.publish'
                                defaultMessage='Publish'
                            />
                        )}
                    </Button>
                )}
                <InnerLink
                    to={`${incidentPath(team, incident.id)}/retrospective`}
                    className={styles.link}
                >
                    <FormattedMessage
                        id='retrospective.read'
                        defaultMessage='Read or print'
                    />
                </InnerLink>
                <DotsMenu
                    label={formatMessage({id: 'retrospective.menu', defaultMessage: 'More actions of the retrospective'})}
                    entries={entries}
                />
            </div>
            {again.error && (
                <ErrorNotice
                    error={again.error}
                    onDismiss={again.clear}
                >
                    <FormattedMessage
                        id='retrospective.draft_failed'
                        defaultMessage='The sections could not be written again.'
                    />
                </ErrorNotice>
            )}
            {fetching.error && (
                <ErrorNotice
                    error={fetching.error}
                    onDismiss={fetching.clear}
                >
                    <FormattedMessage
                        id='retrospective.download_failed'
                        defaultMessage='The retrospective could not be downloaded.'
                    />
                </ErrorNotice>
            )}
            {asked === 'publish' && (
                <PublishDialog
                    incident={incident}
                    document={shown}
                    onClose={() => setAsked(undefined)}
                />
            )}
            {asked === 'reopen' && (
                <Confirm
                    title={formatMessage({id: 'retrospective.reopen_title', defaultMessage: 'Reopen the retrospective?'})}
                    confirm={formatMessage({id: 'retrospective.reopen', defaultMessage: 'Reopen'})}
                    busy={reopening.busy}
                    error={reopening.error}
                    failure={formatMessage({id: 'retrospective.reopen_failed', defaultMessage: 'The retrospective could not be reopened.'})}
                    onConfirm={() => void reopening.run()}
                    onCancel={() => setAsked(undefined)}
                >
                    <p>
                        <FormattedMessage
                            id='retrospective.reopen_text'
                            defaultMessage='It becomes a draft again and can be changed. What was posted about it stays.'
                        />
                    </p>
                </Confirm>
            )}
        </div>
    );
}
