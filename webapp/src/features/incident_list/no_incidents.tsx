import React from 'react';
import {FormattedMessage} from 'react-intl';
import {useStore} from 'react-redux';

import {startIncident} from 'src/store/commands';
import {useAction} from 'src/query/use_action';
import styles from 'src/features/incident_list/incident_list.module.css';
import {HostState} from 'src/host/store';
import {navigate} from 'src/host/window';
import {teamPath} from 'src/routes';
import {Button} from 'src/ui/button';
import {Icon, ShieldIcon} from 'src/ui/icon';
import {EmptyState, ErrorNotice} from 'src/ui/notice';

/** What incidents are, for a team that has had none. */
export function NoIncidents({team}: {team: string}) {
    const store = useStore<HostState>();
    const start = useAction(async () => {
        // The dialog belongs into the channel view, and a failure must be shown before this page is left.
        await startIncident(store);
        navigate(teamPath(team));
    });
    return (
        <EmptyState
            data-testid='no-incidents'
            title={(
                <FormattedMessage
                    id='incidents.none_title'
                    defaultMessage='What is an incident?'
                />
            )}
            picture={(
                <span className={styles.picture}>
                    <Icon
                        of={ShieldIcon}
                        size={96}
                    />
                </span>
            )}
        >
            <p>
                <FormattedMessage
                    id='incidents.none_text'
                    defaultMessage='Something that needs quick work by several people. Each incident gets a channel of its own, a commander and the tasks of a playbook, and is listed here with its history.'
                />
            </p>
            <Button
                kind='primary'
                busy={start.busy}
                onClick={() => void start.run()}
            >
                <FormattedMessage
                    id='incidents.new'
                    defaultMessage='+ New Incident'
                />
            </Button>
            {start.error && (
                <ErrorNotice error={start.error}>
                    <FormattedMessage
                        id='start.failed'
                        defaultMessage='The incident could not be started. Please try again.'
                    />
                </ErrorNotice>
            )}
        </EmptyState>
    );
}
