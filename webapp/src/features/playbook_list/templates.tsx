import AlertOutline from '@mattermost/compass-icons/components/alert-outline';
import FileText from '@mattermost/compass-icons/components/file-text-outline';
import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/features/playbook_list/playbook_list.module.css';
import {newPlaybookPath} from 'src/routes';
import {BLANK_TEMPLATE, INCIDENT_TEMPLATE} from 'src/types/playbook';
import {Icon} from 'src/ui/icon';
import {InnerLink} from 'src/ui/inner_link';

/** What a new playbook may start from. */
export function Templates({team}: {team: string}) {
    return (
        <section
            className={styles.strip}
            aria-labelledby='im-templates'
        >
            <h2 id='im-templates'>
                <FormattedMessage
                    id='playbooks.templates'
                    defaultMessage='Start from a template'
                />
            </h2>
            <ul className={styles.cards}>
                <li>
                    <InnerLink
                        to={newPlaybookPath(team, BLANK_TEMPLATE)}
                        className={styles.card}
                    >
                        <Icon
                            of={FileText}
                            size={32}
                        />
                        <span>
                            <FormattedMessage
                                id='playbooks.template_blank'
                                defaultMessage='Blank Playbook'
                            />
                        </span>
                    </InnerLink>
                </li>
                <li>
                    <InnerLink
                        to={newPlaybookPath(team, INCIDENT_TEMPLATE)}
                        className={styles.card}
                    >
                        <Icon
                            of={AlertOutline}
                            size={32}
                        />
                        <span>
                            <FormattedMessage
                                id='playbooks.template_incident'
                                defaultMessage='Incident Management Playbook'
                            />
                        </span>
                    </InnerLink>
                </li>
            </ul>
        </section>
    );
}
