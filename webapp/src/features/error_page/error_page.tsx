import AlertOutline from '@mattermost/compass-icons/components/alert-outline';
import React, {useEffect} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useRouteMatch} from 'react-router-dom';

import styles from 'src/features/error_page/error_page.module.css';
import {hasGrid} from 'src/host/page_place';
import {incidentListPath, playbookListPath} from 'src/routes';
import {Icon} from 'src/ui/icon';
import {InnerLink} from 'src/ui/inner_link';
import {usePageTitle} from 'src/ui/page_title';
import {oneOf, useUrlQuery} from 'src/ui/url_query';

const BODY_CLASSES = ['sticky', 'error'];

function Text({type, team}: {type: 'default' | 'incidents' | 'playbooks'; team: string}) {
    switch (type) {
    case 'incidents':
        return (
            <>
                <h1>
                    <FormattedMessage
                        id='error_page.incident'
                        defaultMessage='Incident not found'
                    />
                </h1>
                <p>
                    <FormattedMessage
                        id='error_page.incident_text'
                        defaultMessage='The incident is private or does not exist. To see a private incident, ask an administrator to add you to its channel.'
                    />
                </p>
                <InnerLink to={incidentListPath(team)}>
                    <FormattedMessage
                        id='error_page.to_incidents'
                        defaultMessage='Back to the incidents'
                    />
                </InnerLink>
            </>
        );
    case 'playbooks':
        return (
            <>
                <h1>
                    <FormattedMessage
                        id='error_page.playbook'
                        defaultMessage='Playbook not found'
                    />
                </h1>
                <p>
                    <FormattedMessage
                        id='error_page.playbook_text'
                        defaultMessage='The playbook is private or does not exist. To see a private playbook, ask an administrator or one of its members for access.'
                    />
                </p>
                <InnerLink to={playbookListPath(team)}>
                    <FormattedMessage
                        id='error_page.to_playbooks'
                        defaultMessage='Back to the playbooks'
                    />
                </InnerLink>
            </>
        );
    default:
        return (
            <>
                <h1>
                    <FormattedMessage
                        id='error_page.default'
                        defaultMessage='Page not found'
                    />
                </h1>
                <p>
                    <FormattedMessage
                        id='error_page.default_text'
                        defaultMessage='There is nothing at this address.'
                    />
                </p>
                <InnerLink to='/'>
                    <FormattedMessage
                        id='error_page.to_mattermost'
                        defaultMessage='Back to Mattermost'
                    />
                </InnerLink>
            </>
        );
    }
}

/** What is shown in place of a thing that does not exist or may not be seen; the query `type` says which. */
export function ErrorPage() {
    const team = useRouteMatch<{team: string}>('/:team')?.params.team ?? '';
    const [query] = useUrlQuery();
    usePageTitle(useIntl().formatMessage({id: 'error_page.default', defaultMessage: 'Page not found'}));
    useEffect(() => {
        if (hasGrid()) {
            // Here these classes would move the header, the bars and the page itself inwards.
            return undefined;
        }
        const added = BODY_CLASSES.filter((name) => !document.body.classList.contains(name));
        document.body.classList.add(...added);
        return () => document.body.classList.remove(...added);
    }, []);
    return (
        <div className={styles.page}>
            <Icon
                id='warningIcon'
                of={AlertOutline}
                size={64}
                className={styles.sign}
            />
            <Text
                type={oneOf(query, 'type', ['default', 'incidents', 'playbooks'])}
                team={team}
            />
        </div>
    );
}
