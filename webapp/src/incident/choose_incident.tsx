import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {ApiError} from 'src/client/http';
import {listSummaries} from 'src/client/incidents';
import {channelById, currentTeamId, currentUserId, HostState} from 'src/host/store';
import styles from 'src/incident/choose_incident.module.css';
import {useQuery} from 'src/query/client';
import {useIncidentOfChannel} from 'src/store/incidents';
import {isIncidentChannel} from 'src/store/my_incidents';
import {usePost} from 'src/store/posts';
import {Channel, Post} from 'src/types/host_rest';
import {Incident, IncidentSummary, Page} from 'src/types/incident';
import {useDomId} from 'src/ui/ids';
import {ErrorNotice, Loading} from 'src/ui/notice';

/** How many incidents are offered; the newest. */
const MOST_OFFERED = 100;

export interface Choice {
    id: string;
    name: string;
    teamId: string;
    channelId: string;
    isActive: boolean;
}

type Chosen = Pick<Incident, 'id' | 'name' | 'team_id' | 'channel_id' | 'is_active'>;

const choiceOf = ({id, name, team_id: teamId, channel_id: channelId, is_active: isActive}: Chosen): Choice => ({id, name, teamId, channelId, isActive});

/** The incidents of the user in the current team, ongoing ones first. */
function useChoices(isNeeded: boolean) {
    const teamId = useSelector(currentTeamId);
    const me = useSelector(currentUserId);
    const {data, error, reload} = useQuery<Page<IncidentSummary>>(['incident-choices', teamId, me], (signal) => listSummaries({
        team_id: teamId, member_id: me, sort: 'create_at', direction: 'desc', per_page: MOST_OFFERED,
    }, signal), {enabled: isNeeded});
    const choices = data?.items.map(choiceOf);
    return {choices: choices && [...choices.filter(({isActive}) => isActive), ...choices.filter(({isActive}) => !isActive)], error, reload};
}

export interface ChosenIncident {
    post?: Post;

    /** Where the message is. */
    channel?: Channel;

    /** The message is in the channel of an incident, which is the chosen one. */
    isOwn: boolean;

    /** What there is to choose from, if the message is in another channel. */
    choices?: Choice[];
    chosen?: Choice;
    choose: (id: string) => void;
    error?: ApiError;
    retry: () => void;
}

/** The incident that is to take something from a message: that of its channel, or one that the user chooses. */
export function useIncidentForPost(postId: string): ChosenIncident {
    const {post, error: postError, retry} = usePost(postId);
    const channelId = post?.channel_id ?? '';
    const channel = useSelector((state: HostState) => channelById(state, channelId));
    const isOwn = channelId !== '' && isIncidentChannel(channelId);
    const {incident, error: incidentError, reload: reloadIncident} = useIncidentOfChannel(isOwn ? channelId : '');
    const {choices, error: listError, reload: reloadList} = useChoices(post !== undefined && !isOwn);
    const [chosenId, choose] = useState('');
    const own = incident && choiceOf(incident);
    return {
        post,
        channel,
        isOwn,
        choices,
        chosen: isOwn ? own : choices?.find(({id}) => id === chosenId) ?? choices?.[0],
        choose,
        error: postError ?? incidentError ?? listError,
        retry: () => {
            retry();
            reloadIncident();
            reloadList();
        },
    };
}

/** What stands in place of the choice while there is none: why there is no incident, or that it is being loaded. */
export function NoChoice({choice: {post, choices, chosen, error, retry}}: {choice: ChosenIncident}) {
    if (error) {
        return (
            <ErrorNotice
                error={error}
                onRetry={retry}
            >
                <FormattedMessage
                    id='choose_incident.failed'
                    defaultMessage='Message and incident could not be loaded.'
                />
            </ErrorNotice>
        );
    }
    if (!post || (!chosen && !choices)) {
        return <Loading/>;
    }
    return chosen ? null : (
        <p className={styles.line}>
            <FormattedMessage
                id='choose_incident.none'
                defaultMessage='You are in no incident of this team.'
            />
        </p>
    );
}

/** Shows the incident, or a list to choose from. */
export function ChooseIncident({choice: {isOwn, choices, chosen, choose}, isLocked}: {choice: ChosenIncident; isLocked: boolean}) {
    const {formatMessage} = useIntl();
    const selectId = useDomId('incident');
    if (!chosen) {
        return null;
    }
    if (isOwn) {
        return (
            <p className={styles.line}>
                <FormattedMessage
                    id='choose_incident.own'
                    defaultMessage='Incident: {name}'
                    values={{name: <bdi className={styles.name}>{chosen.name}</bdi>}}
                />
            </p>
        );
    }
    const option = ({id, name}: Choice) => (
        <option
            key={id}
            value={id}
        >
            {name}
        </option>
    );
    const ended = choices?.filter(({isActive}) => !isActive) ?? [];
    return (
        <label
            htmlFor={selectId}
            className={styles.choice}
        >
            <span className={styles.label}>
                <FormattedMessage
                    id='choose_incident.label'
                    defaultMessage='Incident'
                />
            </span>
            <select
                id={selectId}
                className={styles.select}
                value={chosen.id}
                disabled={isLocked}
                onChange={(event) => choose(event.target.value)}
            >
                {choices?.filter(({isActive}) => isActive).map(option)}
                {ended.length > 0 && (
                    <optgroup label={formatMessage({id: 'status.ended', defaultMessage: 'Ended'})}>
                        {ended.map(option)}
                    </optgroup>
                )}
            </select>
        </label>
    );
}

const DIRECT = 'D';
const GROUP = 'G';
const PRIVATE = 'P';

/** Whether few people can read a channel, so that to show what was said there has to be told before. */
export const isConfined = (channel?: Channel) => channel !== undefined && [DIRECT, GROUP, PRIVATE].includes(channel.type);
