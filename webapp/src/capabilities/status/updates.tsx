import React, {useState} from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/status/updates.module.css';
import {PageSection} from 'src/incident/page_section';
import {Text} from 'src/people/text';
import {usePost} from 'src/store/posts';
import {StatusPost} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {ErrorNotice} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';

const AT_FIRST = 5;

function Update({update}: {update: StatusPost}) {
    const {post, error, retry} = usePost(update.id);
    return (
        <li>
            <div className={styles.updateTime}><DateTime at={update.create_at}/></div>
            {post && <Text text={post.message}/>}
            {!post && error && (
                <ErrorNotice
                    error={error}
                    onRetry={retry}
                >
                    <FormattedMessage
                        id='update.failed'
                        defaultMessage='The update could not be loaded.'
                    />
                </ErrorNotice>
            )}
        </li>
    );
}

/** The status updates of an incident, newest first; more than a few are shown on demand. */
function Updates({updates}: {updates: StatusPost[]}) {
    const [count, setCount] = useState(AT_FIRST);
    const left = updates.filter(({delete_at: deleted}) => !deleted).sort((a, b) => b.create_at - a.create_at);
    if (left.length === 0) {
        return (
            <p className={styles.muted}>
                <FormattedMessage
                    id='incident_page.no_updates'
                    defaultMessage='No update has been posted.'
                />
            </p>
        );
    }
    return (
        <>
            <ul className={styles.updates}>
                {left.slice(0, count).map((update) => (
                    <Update
                        key={update.id}
                        update={update}
                    />
                ))}
            </ul>
            {left.length > count && (
                <Button
                    kind='quiet'
                    onClick={() => setCount(count + AT_FIRST)}
                >
                    <FormattedMessage
                        id='incident_page.more_updates'
                        defaultMessage='Show Earlier Updates'
                    />
                </Button>
            )}
        </>
    );
}

/** The section of the incident's page with its status updates. */
export default function UpdatesSection({incident}: IncidentProps) {
    return (
        <PageSection
            title={(
                <FormattedMessage
                    id='incident_page.updates'
                    defaultMessage='Status updates'
                />
            )}
        >
            <Updates updates={incident.status_posts ?? []}/>
        </PageSection>
    );
}
