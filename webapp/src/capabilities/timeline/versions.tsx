import React from 'react';
import {defineMessages, FormattedMessage, MessageDescriptor} from 'react-intl';

import {getVersions} from 'src/capabilities/timeline/client';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry, EntryWithVersions, Version, VersionAction} from 'src/capabilities/timeline/types';
import {Who} from 'src/capabilities/timeline/who';
import {Text} from 'src/people/text';
import {useQuery} from 'src/query/client';
import {Button} from 'src/ui/button';
import {Modal} from 'src/ui/modal';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';

const ACTIONS: Record<VersionAction, MessageDescriptor> = defineMessages({
    added: {id: 'incident_timeline.version.added', defaultMessage: '{who} added it'},
    edited: {id: 'incident_timeline.version.edited', defaultMessage: '{who} edited it'},
    post_edited: {id: 'incident_timeline.version.post_edited', defaultMessage: '{who} edited the message'},
    starred: {id: 'incident_timeline.version.starred', defaultMessage: '{who} marked it as a key moment'},
    unstarred: {id: 'incident_timeline.version.unstarred', defaultMessage: '{who} took the mark of a key moment away'},
    deleted: {id: 'incident_timeline.version.deleted', defaultMessage: '{who} deleted it'},
});

/** What a version says that the one before does not. */
function News({version: {text, happened_at: at}, before}: {version: Version; before?: Version}) {
    return (
        <>
            {before && at !== before.happened_at && (
                <p className={styles.note}>
                    <FormattedMessage
                        id='incident_timeline.version.time'
                        defaultMessage='New time: {time}'
                        values={{time: <DateTime at={at}/>}}
                    />
                </p>
            )}
            {text && text !== before?.text && <blockquote className={styles.former}><Text text={text}/></blockquote>}
        </>
    );
}

/** Who has made which version of an entry, newest first. */
export function Versions({entry, onClose}: {entry: Entry; onClose: () => void}) {
    const {incident_id: incidentId, id, version: newest} = entry;
    const {data, error, reload} = useQuery<EntryWithVersions>(['timeline-versions', incidentId, id, newest], (signal) => getVersions(incidentId, id, signal));
    const versions = data?.versions ?? [];
    return (
        <Modal
            title={(
                <FormattedMessage
                    id='incident_timeline.versions'
                    defaultMessage='Versions of the entry'
                />
            )}
            onClose={onClose}
            footer={(
                <Button
                    kind='primary'
                    data-autofocus={true}
                    onClick={onClose}
                >
                    <FormattedMessage
                        id='ui.modal.close'
                        defaultMessage='Close'
                    />
                </Button>
            )}
        >
            {error && (
                <ErrorNotice
                    error={error}
                    onRetry={reload}
                >
                    <FormattedMessage
                        id='incident_timeline.versions_failed'
                        defaultMessage='The versions could not be loaded.'
                    />
                </ErrorNotice>
            )}
            {!data && !error && <Loading/>}
            <ol className={styles.versions}>
                {versions.map((version, index) => (
                    <li key={version.version}>
                        <div>
                            <FormattedMessage
                                {...ACTIONS[version.action]}
                                values={{who: <Who userId={version.actor_id}/>}}
                            />
                            {', '}
                            <DateTime at={version.create_at}/>
                        </div>
                        <News
                            version={version}
                            before={versions[index - 1]}
                        />
                    </li>
                )).reverse()}
            </ol>
        </Modal>
    );
}
