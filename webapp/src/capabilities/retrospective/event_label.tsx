import React, {ReactNode} from 'react';
import {defineMessages, FormattedMessage} from 'react-intl';

import {SourceEntry} from 'src/capabilities/retrospective/client';
import {findTask} from 'src/incident/find_task';
import {Incident} from 'src/types/incident';

const LABELS = defineMessages({
    started: {id: 'retrospective.event.started', defaultMessage: 'The incident was started'},
    ended: {id: 'retrospective.event.ended', defaultMessage: 'The incident was ended'},
    restarted: {id: 'retrospective.event.restarted', defaultMessage: 'The incident was restarted'},
    commander_changed: {id: 'retrospective.event.commander', defaultMessage: 'Another commander'},
    stage_changed: {id: 'retrospective.event.stage', defaultMessage: 'Stage: {name}'},
    status_updated: {id: 'retrospective.event.update', defaultMessage: 'Status update'},
    reminder_posted: {id: 'retrospective.event.reminder', defaultMessage: 'A status update was asked for'},
});

const TASKS = defineMessages({
    closed: {id: 'retrospective.event.task_finished', defaultMessage: 'Task finished: {name}'},
    in_progress: {id: 'retrospective.event.task_begun', defaultMessage: 'Task begun: {name}'},
    '': {id: 'retrospective.event.task_opened', defaultMessage: 'Task opened again: {name}'},
});

const MORE = defineMessages({
    task: {id: 'retrospective.event.task', defaultMessage: 'Task changed: {name}'},
    other: {id: 'retrospective.event.other', defaultMessage: 'The incident was changed ({what})'},
});

type Event = NonNullable<SourceEntry['event']>;

const textIn = (value: unknown) => (typeof value === 'string' ? value : '');

function messageOf({type, after}: Event) {
    if (type === 'task_state_changed') {
        return TASKS[textIn(after.state) as keyof typeof TASKS] ?? TASKS[''];
    }
    return LABELS[type as keyof typeof LABELS] ?? (type.startsWith('task_') ? MORE.task : MORE.other);
}

/** What an own event of an incident was, in a few words. */
export function EventLabel({event, incident}: {event: Event; incident: Incident}) {
    const {before, after, type} = event;
    const task = findTask(incident, textIn(after.item_id ?? before.item_id));
    const name: ReactNode = <bdi key='name'>{textIn(after.active_stage_title) || textIn(after.title) || task?.title || '…'}</bdi>;
    return (
        <FormattedMessage
            {...messageOf(event)}
            values={{name, what: type.replace(/_/g, ' ')}}
        />
    );
}
