import Plus from '@mattermost/compass-icons/components/plus';
import React from 'react';
import {FormattedMessage} from 'react-intl';

import {listPlaybooks} from 'src/client/playbooks';
import {Illustration} from 'src/features/incident_sidebar/illustration';
import {navigate} from 'src/host/window';
import {useQuery} from 'src/query/client';
import {playbookListPath} from 'src/routes';
import {PLAYBOOKS} from 'src/store/playbooks';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {EmptyState, ErrorNotice, Loading} from 'src/ui/notice';

interface Props {
    teamId: string;
    teamName: string;
    onStart: () => void;
    isStarting: boolean;
}

/** Shown when none of my incidents is ongoing. What it suggests depends on whether the team has a playbook that I may use. */
export function Welcome({teamId, teamName, onStart, isStarting}: Props) {
    const {data, error, reload} = useQuery([PLAYBOOKS, teamId, 'any'], (signal) => listPlaybooks({team_id: teamId, page: 0, per_page: 1}, signal));
    if (error) {
        return (
            <ErrorNotice
                error={error}
                onRetry={reload}
            >
                <FormattedMessage
                    id='welcome.failed'
                    defaultMessage='The playbooks could not be loaded.'
                />
            </ErrorNotice>
        );
    }
    if (!data) {
        return <Loading/>;
    }
    const hasPlaybooks = data.items.length > 0;
    const mayCreate = data.can_create !== false;
    const create = mayCreate && (
        <Button
            kind={hasPlaybooks ? 'secondary' : 'primary'}
            onClick={() => navigate(playbookListPath(teamName))}
        >
            <FormattedMessage
                id='sidebar.create_playbook'
                defaultMessage='Create Playbook'
            />
        </Button>
    );
    if (!hasPlaybooks) {
        return (
            <EmptyState
                data-testid='welcome-view'
                picture={<Illustration/>}
                title={(
                    <FormattedMessage
                        id='welcome.prepare_title'
                        defaultMessage='Be ready before something breaks'
                    />
                )}
            >
                <p>
                    {mayCreate ? (
                        <FormattedMessage
                            id='welcome.prepare_text'
                            defaultMessage='A playbook lists the stages and tasks that your team works through in an incident. Write your first one from a template, or from scratch.'
                        />
                    ) : (
                        <FormattedMessage
                            id='welcome.prepare_others_text'
                            defaultMessage='A playbook lists the stages and tasks that your team works through in an incident. Your system administrator has chosen who may create them: ask one of them to share one with you.'
                        />
                    )}
                </p>
                {create}
            </EmptyState>
        );
    }
    return (
        <EmptyState
            data-testid='welcome-view-has-playbooks'
            picture={<Illustration/>}
            title={(
                <FormattedMessage
                    id='welcome.start_title'
                    defaultMessage='All quiet'
                />
            )}
        >
            <p>
                <FormattedMessage
                    id='welcome.start_text'
                    defaultMessage='You have no ongoing incident here. When something happens, start one with a playbook and the first tasks are there at once.'
                />
            </p>
            <Button
                kind='primary'
                busy={isStarting}
                onClick={onStart}
            >
                <Icon
                    of={Plus}
                    size={18}
                />
                <FormattedMessage
                    id='start.button'
                    defaultMessage='Start Incident'
                />
            </Button>
            {mayCreate && (
                <p>
                    <FormattedMessage
                        id='welcome.more_text'
                        defaultMessage='You can prepare more playbooks ahead, for other kinds of incidents.'
                    />
                </p>
            )}
            {create}
        </EmptyState>
    );
}
