import BookOutline from '@mattermost/compass-icons/components/book-outline';
import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/features/playbook_list/playbook_list.module.css';
import {newPlaybookPath} from 'src/routes';
import {Icon} from 'src/ui/icon';
import {InnerLink} from 'src/ui/inner_link';
import {EmptyState} from 'src/ui/notice';

/** Says why nothing is offered to those who may not create playbooks. */
export function MayNotCreate() {
    return (
        <p data-testid='may-not-create'>
            <FormattedMessage
                id='playbooks.may_not_create'
                defaultMessage='Your system administrator has chosen who may create playbooks. Ask one of them to make one and share it with you.'
            />
        </p>
    );
}

/** Shown while the team has no playbook that the user may see. */
export function NoPlaybooks({team, mayCreate}: {team: string; mayCreate: boolean}) {
    return (
        <EmptyState
            data-testid='no-playbooks'
            title={(
                <FormattedMessage
                    id='playbooks.none_title'
                    defaultMessage='What is a playbook?'
                />
            )}
            picture={(
                <Icon
                    of={BookOutline}
                    size={72}
                />
            )}
        >
            <p>
                <FormattedMessage
                    id='playbooks.none_text'
                    defaultMessage='A playbook says what has to be done in an incident: stages, with the tasks of each. Starting an incident from it gives everybody the same list to work through.'
                />
            </p>
            {mayCreate ? (
                <InnerLink
                    to={newPlaybookPath(team)}
                    className={styles.buttonLink}
                >
                    <FormattedMessage
                        id='playbooks.new'
                        defaultMessage='+ New Playbook'
                    />
                </InnerLink>
            ) : <MayNotCreate/>}
        </EmptyState>
    );
}
