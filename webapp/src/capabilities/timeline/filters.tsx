import Star from '@mattermost/compass-icons/components/star';
import StarOutline from '@mattermost/compass-icons/components/star-outline';
import React, {useMemo} from 'react';
import {defineMessages, MessageDescriptor, useIntl} from 'react-intl';

import styles from 'src/capabilities/timeline/timeline.module.css';
import {Filter, KindName} from 'src/capabilities/timeline/types';
import {UserSelector} from 'src/people/user_selector';
import {peopleOf} from 'src/store/members';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';

const TEXTS = defineMessages({
    all: {id: 'incident_timeline.filter.all', defaultMessage: 'All entries'},
    people: {id: 'incident_timeline.filter.people', defaultMessage: 'From people'},
    update: {id: 'incident_timeline.filter.updates', defaultMessage: 'Status updates'},
    message: {id: 'incident_timeline.filter.messages', defaultMessage: 'Messages'},
    manual: {id: 'incident_timeline.filter.manual', defaultMessage: 'Written by hand'},
    task: {id: 'incident_timeline.filter.tasks', defaultMessage: 'Tasks'},
    course: {id: 'incident_timeline.filter.course', defaultMessage: 'Course of the incident'},
});

const CHOICES: Array<[name: keyof typeof TEXTS, kinds: KindName[]]> = [
    ['all', []],
    ['people', ['update', 'message', 'manual']],
    ['update', ['update']],
    ['message', ['message']],
    ['manual', ['manual']],
    ['course', ['incident', 'commander', 'stage', 'reminder', 'other']],
    ['task', ['task']],
];

interface Props {
    incident: Incident;
    filter: Filter;
    onFilter: (filter: Filter) => void;
}

/** Which entries are shown: by kind, person and star. */
export function Filters({incident: {team_id: teamId, channel_id: channelId}, filter, onFilter}: Props) {
    const {formatMessage} = useIntl();
    const source = useMemo(() => peopleOf({team_id: teamId, in_channel: channelId}), [teamId, channelId]);
    const chosen = CHOICES.find(([, kinds]) => kinds.join() === filter.kinds.join())?.[0] ?? 'all';
    const starred = formatMessage({id: 'incident_timeline.filter.starred', defaultMessage: 'Only key moments'});
    const anybody = formatMessage({id: 'incident_timeline.filter.anybody', defaultMessage: 'Everybody'});
    return (
        <div
            role='group'
            aria-label={formatMessage({id: 'incident_timeline.filter', defaultMessage: 'Filter the timeline'})}
            className={styles.filters}
        >
            <select
                className={styles.select}
                aria-label={formatMessage({id: 'incident_timeline.filter.kind', defaultMessage: 'Kind of entries'})}
                value={chosen}
                onChange={({target: {value}}) => onFilter({...filter, kinds: CHOICES.find(([name]) => name === value)?.[1] ?? []})}
            >
                {CHOICES.map(([name]) => (
                    <option
                        key={name}
                        value={name}
                    >
                        {formatMessage(TEXTS[name] as MessageDescriptor)}
                    </option>
                ))}
            </select>
            <UserSelector
                className={styles.person}
                label={formatMessage({id: 'incident_timeline.filter.person', defaultMessage: 'Everybody, or one person'})}
                userId={filter.person}
                source={source}
                nobody={anybody}
                reset={{text: anybody, onReset: () => onFilter({...filter, person: ''})}}
                onChoose={({id}) => onFilter({...filter, person: id})}
            />
            <Button
                kind='icon'
                aria-label={starred}
                title={starred}
                aria-pressed={filter.starred}
                onClick={() => onFilter({...filter, starred: !filter.starred})}
            >
                <Icon
                    of={filter.starred ? Star : StarOutline}
                    size={18}
                    className={filter.starred ? styles.starred : undefined}
                />
            </Button>
        </div>
    );
}
