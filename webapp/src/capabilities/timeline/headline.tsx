import React from 'react';
import {FormattedMessage} from 'react-intl';

import {EventText} from 'src/capabilities/timeline/event_text';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Entry} from 'src/capabilities/timeline/types';
import {Who} from 'src/capabilities/timeline/who';
import {Incident} from 'src/types/incident';
import {DateTime} from 'src/ui/time';

/** The first line of an entry. */
export function Headline({entry, incident}: {entry: Entry; incident: Incident}) {
    const {kind, author_id: author, author_name: recorded, source, deleted_at: deletedAt, deleted_by_id: deletedBy} = entry;
    const who = (
        <Who
            userId={author}
            recorded={recorded}
        />
    );
    if (deletedAt > 0) {
        return (
            <FormattedMessage
                id='incident_timeline.deleted'
                defaultMessage='{who} deleted an entry here, {time}'
                values={{who: <Who userId={deletedBy}/>, time: <DateTime at={deletedAt}/>}}
            />
        );
    }
    if (kind === 'event') {
        return (
            <EventText
                entry={entry}
                incident={incident}
            />
        );
    }
    if (kind === 'update') {
        return (
            <FormattedMessage
                id='incident_timeline.update'
                defaultMessage='{who} posted a status update'
                values={{who}}
            />
        );
    }
    if (kind === 'message' && source?.channel_name) {
        return (
            <FormattedMessage
                id='incident_timeline.message_in'
                defaultMessage='{who} wrote in {channel}'
                values={{who, channel: <ChannelName name={source.channel_name}/>}}
            />
        );
    }
    return who;
}

/** Where a message comes from. The server has two names for conversations, which have none of their own. */
export function ChannelName({name}: {name: string}) {
    if (name === 'direct message') {
        return (
            <FormattedMessage
                id='incident_timeline.direct'
                defaultMessage='a direct message'
            />
        );
    }
    if (name === 'group message') {
        return (
            <FormattedMessage
                id='incident_timeline.group'
                defaultMessage='a group message'
            />
        );
    }
    return <bdi className={styles.who}>{name}</bdi>;
}
