import React, {useMemo, useRef} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';
import {Redirect, useParams} from 'react-router-dom';

import {getPlaybook} from 'src/client/playbooks';
import {draftOf, emptyDraft, newStage} from 'src/playbook/draft';
import {Editor} from 'src/features/playbook_editor/editor';
import {templateDraft} from 'src/features/playbook_editor/templates';
import {currentTeam, currentUserId, HostState, teamById} from 'src/host/store';
import {useQuery} from 'src/query/client';
import {errorPath, playbookListPath, playbookPath} from 'src/routes';
import {playbookKey} from 'src/store/playbooks';
import {Playbook} from 'src/types/playbook';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {UnfinishedPage} from 'src/ui/page_bar';
import {useUrlQuery} from 'src/ui/url_query';

/** The editor of a playbook that is not stored yet; the query `template_title` says what it starts with. */
export function NewPlaybook() {
    const intl = useIntl();
    const team = useSelector(currentTeam);
    const me = useSelector(currentUserId);
    const [query] = useUrlQuery();
    const title = query.get('template_title') ?? '';
    const template = useMemo(() => templateDraft(intl, title, me), [intl, title, me]);
    const blank = useMemo(() => emptyDraft(me, [newStage(intl.formatMessage({id: 'editor.default_stage', defaultMessage: 'Default Stage'}))]), [intl, me]);
    if (!team) {
        return <Loading/>;
    }
    return (
        <Editor
            key={`${team.id}:${title}`}
            team={team}
            draftKey={`new:${team.id}:${title}`}
            initial={template ?? blank}
            notice={!template && (
                <ErrorNotice>
                    <FormattedMessage
                        id='editor.no_template'
                        defaultMessage='There is no template “{title}”. This is an empty playbook.'
                        values={{title}}
                    />
                </ErrorNotice>
            )}
        />
    );
}

/** The editor of a stored playbook. */
export function PlaybookEditor() {
    const {id} = useParams<{id: string}>();
    return (
        <Stored
            key={id}
            id={id}
        />
    );
}

function Stored({id}: {id: string}) {
    const {formatMessage} = useIntl();
    const here = useSelector(currentTeam);
    const {data, error, reload} = useQuery<Playbook>(playbookKey(id), (signal) => getPlaybook(id, signal));
    // A reading after a reconnect must not replace what is being edited; saving compares with it.
    const opened = useRef<Playbook>();
    opened.current ??= data;
    const playbook = opened.current;
    const initial = useMemo(() => playbook && draftOf(playbook), [playbook]);
    const team = useSelector((state: HostState) => (playbook ? teamById(state, playbook.team_id) : undefined)) ?? here;
    if (!here) {
        return <Loading/>;
    }
    if (!playbook && error && (error.isNotFound || error.status === 400)) {
        return <Redirect to={errorPath(here.name, 'playbooks')}/>;
    }
    if (!playbook || !initial || !team) {
        return (
            <UnfinishedPage
                back={playbookListPath(here.name)}
                label={formatMessage({id: 'editor.back', defaultMessage: 'Back to the playbooks'})}
            >
                {!playbook && error ? (
                    <ErrorNotice
                        error={error}
                        onRetry={reload}
                    >
                        <FormattedMessage
                            id='editor.load_failed'
                            defaultMessage='The playbook could not be loaded.'
                        />
                    </ErrorNotice>
                ) : <Loading/>}
            </UnfinishedPage>
        );
    }
    if (team.id !== here.id) {
        return <Redirect to={playbookPath(team.name, id)}/>;
    }
    return (
        <Editor
            team={team}
            draftKey={id}
            playbook={playbook}
            initial={initial}
        />
    );
}
