import React, {ReactNode} from 'react';
import {defineMessages, FormattedMessage, MessageDescriptor, useIntl} from 'react-intl';

import {Entry, EventSide, OwnEvent} from 'src/capabilities/timeline/types';
import {Who} from 'src/capabilities/timeline/who';
import {findTask} from 'src/incident/find_task';
import {Incident} from 'src/types/incident';
import {isolated} from 'src/ui/isolated';
import {DateTime} from 'src/ui/time';

const TEXTS = defineMessages({
    channel_archive_announced: {id: 'incident_timeline.event.archive_announced', defaultMessage: 'The channel was to be archived on {archive}'},
    channel_archived: {id: 'incident_timeline.event.channel_archived', defaultMessage: 'The channel was archived'},
    channel_restored: {id: 'incident_timeline.event.channel_restored', defaultMessage: 'The channel was brought back from the archive'},
    started: {id: 'incident_timeline.event.started', defaultMessage: '{who} started the incident'},
    ended: {id: 'incident_timeline.event.ended', defaultMessage: '{who} ended the incident'},
    restarted: {id: 'incident_timeline.event.restarted', defaultMessage: '{who} restarted the incident'},
    start_time_changed: {id: 'incident_timeline.event.start_time', defaultMessage: '{who} set the start to {time}'},
    commander_changed: {id: 'incident_timeline.event.commander', defaultMessage: '{who} made {after} commander'},
    commander_gone: {id: 'incident_timeline.event.commander_gone', defaultMessage: 'The commander can no longer lead the incident'},
    stage_changed: {id: 'incident_timeline.event.stage', defaultMessage: '{who} moved from the stage “{from}” to “{to}”'},
    update_overdue: {id: 'incident_timeline.event.update_overdue', defaultMessage: 'The status update that was due at {due} had not come'},
    stage_limit_reached: {id: 'incident_timeline.event.stage_limit', defaultMessage: 'The stage “{task}” reached its time limit'},
    reminder_posted: {id: 'incident_timeline.event.reminder', defaultMessage: 'The next status update was asked for'},
    handoff_offered: {id: 'incident_timeline.event.handoff_offered', defaultMessage: '{who} offered the command to {after}'},
    handoff_declined: {id: 'incident_timeline.event.handoff_declined', defaultMessage: '{after} declined the handoff of command'},
    handoff_lapsed: {id: 'incident_timeline.event.handoff_lapsed', defaultMessage: 'The handoff of command to {after} lapsed'},
    handoff_withdrawn: {id: 'incident_timeline.event.handoff_withdrawn', defaultMessage: '{who} withdrew the handoff of command to {after}'},
    handoff_overtaken: {id: 'incident_timeline.event.handoff_overtaken', defaultMessage: 'The handoff of command to {after} ended without an answer'},
    retrospective_drafted: {id: 'incident_timeline.event.retrospective_drafted', defaultMessage: '{who} wrote the draft of the retrospective'},
    retrospective_published: {id: 'incident_timeline.event.retrospective_published', defaultMessage: '{who} published the retrospective'},
    retrospective_reopened: {id: 'incident_timeline.event.retrospective_reopened', defaultMessage: '{who} opened the retrospective again'},
    task_added: {id: 'incident_timeline.event.task_added', defaultMessage: '{who} added the task “{task}”'},
    task_edited: {id: 'incident_timeline.event.task_edited', defaultMessage: '{who} edited the task “{task}”'},
    task_removed: {id: 'incident_timeline.event.task_removed', defaultMessage: '{who} deleted the task “{task}”'},
    task_moved: {id: 'incident_timeline.event.task_moved', defaultMessage: '{who} moved the task “{task}”'},
    task_run: {id: 'incident_timeline.event.task_run', defaultMessage: '{who} ran the command of the task “{task}”'},
});

const TASK_STATES = defineMessages({
    open: {id: 'incident_timeline.event.task_opened', defaultMessage: '{who} opened the task “{task}” again'},
    in_progress: {id: 'incident_timeline.event.task_begun', defaultMessage: '{who} took up the task “{task}”'},
    closed: {id: 'incident_timeline.event.task_closed', defaultMessage: '{who} finished the task “{task}”'},
});

const SEVERITY = defineMessages({
    first: {id: 'incident_timeline.event.severity', defaultMessage: '{who} set the severity to {level}'},
    raised: {id: 'incident_timeline.event.severity_raised', defaultMessage: '{who} raised the severity from {levelBefore} to {level}'},
    lowered: {id: 'incident_timeline.event.severity_lowered', defaultMessage: '{who} lowered the severity from {levelBefore} to {level}'},
});

const PLANNED = defineMessages({
    at: {id: 'incident_timeline.event.update_planned', defaultMessage: '{who} planned the next status update for {due}'},
    none: {id: 'incident_timeline.event.update_not_planned', defaultMessage: '{who} ended the reminder of the next status update'},
});

const ROLE = defineMessages({
    given: {id: 'incident_timeline.event.role', defaultMessage: '{who} gave the role “{role}” to {after}'},
    moved: {id: 'incident_timeline.event.role_moved', defaultMessage: '{who} gave the role “{role}” to {after}, in place of {before}'},
    taken: {id: 'incident_timeline.event.role_taken', defaultMessage: '{who} took the role “{role}” from {before}'},
});

/** Why a channel was not archived that was to be. */
const KEPT = defineMessages({
    user: {id: 'incident_timeline.event.channel_kept', defaultMessage: '{who} decided to keep the channel'},
    ongoing: {id: 'incident_timeline.event.channel_kept_ongoing', defaultMessage: 'The channel was kept, because an incident was ongoing in it'},
    archived: {id: 'incident_timeline.event.channel_kept_archived', defaultMessage: 'Somebody had archived the channel already'},
    gone: {id: 'incident_timeline.event.channel_kept_gone', defaultMessage: 'The channel could not be archived, because it was gone'},
});

const MORE = defineMessages({
    commander: {id: 'incident_timeline.event.commander_of', defaultMessage: '{who} made {after} commander in place of {before}'},
    accepted: {id: 'incident_timeline.event.commander_accepted', defaultMessage: '{who} accepted the handoff of command, and is commander in place of {before}'},
    assigned: {id: 'incident_timeline.event.task_assigned', defaultMessage: '{who} assigned the task “{task}” to {after}'},
    unassigned: {id: 'incident_timeline.event.task_unassigned', defaultMessage: '{who} took the task “{task}” from {before}'},
    other: {id: 'incident_timeline.event.other', defaultMessage: '{who} changed the incident ({what})'},
});

function textOf({type, before, after}: OwnEvent): MessageDescriptor {
    if (type === 'task_state_changed') {
        return TASK_STATES[after.state as keyof typeof TASK_STATES] ?? TASK_STATES.open;
    }
    if (type === 'task_assignee_changed') {
        return after.assignee_id ? MORE.assigned : MORE.unassigned;
    }
    if (type === 'commander_changed' && before.commander_user_id) {
        return after.handoff_id ? MORE.accepted : MORE.commander;
    }
    if (type === 'severity_changed') {
        if (!before.severity?.key) {
            return SEVERITY.first;
        }
        return after.raised ? SEVERITY.raised : SEVERITY.lowered;
    }
    if (type === 'role_changed') {
        if (!after.holder_id) {
            return ROLE.taken;
        }
        return before.holder_id ? ROLE.moved : ROLE.given;
    }
    if (type === 'channel_kept') {
        return KEPT[after.because as keyof typeof KEPT] ?? KEPT.user;
    }
    if (type === 'update_planned') {
        return after.next_update_at ? PLANNED.at : PLANNED.none;
    }
    return TEXTS[type as keyof typeof TEXTS] ?? MORE.other;
}

const personIn = ({commander_user_id: commander, assignee_id: assignee, holder_id: holder, to_user_id: to}: EventSide) => commander ?? assignee ?? holder ?? to;

/** The title of the task of an event; events that do not name it are about one that may have another title by now. */
function taskTitle({before, after}: OwnEvent, incident: Incident): string {
    return after.title ?? after.task?.title ?? before.task?.title ?? findTask(incident, after.item_id ?? before.item_id)?.title ?? '';
}

const levelIn = ({severity}: EventSide): string => (severity ? [severity.key, isolated(severity.name)].filter(Boolean).join(' ') : '');

/** An own event as a sentence. */
export function EventText({entry, incident}: {entry: Entry; incident: Incident}) {
    const {formatMessage} = useIntl();
    const {event, author_id: author} = entry;
    if (!event) {
        return null;
    }
    const {before, after, type} = event;
    const title = (text?: string): ReactNode => <bdi>{text || formatMessage({id: 'incident_timeline.event.no_title', defaultMessage: 'without a name'})}</bdi>;
    const sentence = (
        <FormattedMessage
            {...textOf(event)}
            values={{
                who: <Who userId={author}/>,
                before: <Who userId={personIn(before)}/>,
                after: <Who userId={personIn(after)}/>,
                from: title(before.active_stage_title),
                to: title(after.active_stage_title),
                task: title(taskTitle(event, incident)),
                role: title(after.name),
                level: <bdi>{levelIn(after)}</bdi>,
                levelBefore: <bdi>{levelIn(before)}</bdi>,
                due: <DateTime at={after.next_update_at || after.overdue_since || 0}/>,
                archive: <DateTime at={after.archive_at ?? 0}/>,
                time: <DateTime at={after.create_at ?? 0}/>,
                what: type.replace(/_/g, ' '),
            }}
        />
    );
    return type === 'severity_changed' && after.reason ? <>{sentence}{': '}<bdi>{after.reason}</bdi></> : sentence;
}
