import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {PostDialogProps} from 'src/capabilities/capability';
import {addEntry} from 'src/capabilities/timeline/client';
import {receiveEntry} from 'src/capabilities/timeline/feed';
import styles from 'src/capabilities/timeline/timeline.module.css';
import {Who} from 'src/capabilities/timeline/who';
import {listSummaries} from 'src/client/incidents';
import {channelById, currentTeamId, currentUserId, HostState} from 'src/host/store';
import {Text} from 'src/people/text';
import {useQuery} from 'src/query/client';
import {useAction} from 'src/query/use_action';
import {newClientId} from 'src/store/commands';
import {useIncidentOfChannel} from 'src/store/incidents';
import {isIncidentChannel} from 'src/store/my_incidents';
import {usePost} from 'src/store/posts';
import {Channel} from 'src/types/host_rest';
import {IncidentSummary, Page} from 'src/types/incident';
import {Button, CancelButton} from 'src/ui/button';
import {useDomId} from 'src/ui/ids';
import {Modal} from 'src/ui/modal';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';
import {showNews} from 'src/ui/toast';

/** How many incidents are offered; the newest. */
const MOST_OFFERED = 100;

interface Choice {
    id: string;
    name: string;
    channelId: string;
    isActive: boolean;
}

const DIRECT = 'D';
const GROUP = 'G';
const PRIVATE = 'P';

/** Where a message comes from, if not from the incident itself. */
function Origin({channel}: {channel?: Channel}) {
    if (channel?.type === DIRECT) {
        return (
            <FormattedMessage
                id='incident_timeline.from_direct'
                defaultMessage='It comes from a direct message. What was said between few will be seen by all of them.'
            />
        );
    }
    if (channel?.type === GROUP) {
        return (
            <FormattedMessage
                id='incident_timeline.from_group'
                defaultMessage='It comes from a group message. What was said between few will be seen by all of them.'
            />
        );
    }
    const name = <bdi className={styles.who}>{channel?.display_name ?? '…'}</bdi>;
    return channel?.type === PRIVATE ? (
        <FormattedMessage
            id='incident_timeline.from_private'
            defaultMessage='It comes from the private channel {channel}. The entry names the channel, and those who are not in it will see the message, too.'
            values={{channel: name}}
        />
    ) : (
        <FormattedMessage
            id='incident_timeline.from_channel'
            defaultMessage='It comes from the channel {channel}, which the entry names.'
            values={{channel: name}}
        />
    );
}

/** The incidents of the user in the current team, ongoing ones first. */
function useChoices(isNeeded: boolean) {
    const teamId = useSelector(currentTeamId);
    const me = useSelector(currentUserId);
    const {data, error, reload} = useQuery<Page<IncidentSummary>>(['timeline-incidents', teamId, me], (signal) => listSummaries({
        team_id: teamId, member_id: me, sort: 'create_at', direction: 'desc', per_page: MOST_OFFERED,
    }, signal), {enabled: isNeeded});
    const choices = data?.items.map(({id, name, channel_id: channelId, is_active: isActive}): Choice => ({id, name, channelId, isActive}));
    return {choices: choices && [...choices.filter(({isActive}) => isActive), ...choices.filter(({isActive}) => !isActive)], error, reload};
}

/** Adds a message to the timeline of an incident. Says before who will see it. */
export default function PostDialog({postId, onClose}: PostDialogProps) {
    const {formatMessage} = useIntl();
    const selectId = useDomId('incident');
    const {post, error: postError, retry} = usePost(postId);
    const channelId = post?.channel_id ?? '';
    const channel = useSelector((state: HostState) => channelById(state, channelId));
    const isOwn = channelId !== '' && isIncidentChannel(channelId);
    const {incident, error: incidentError, reload: reloadIncident} = useIncidentOfChannel(isOwn ? channelId : '');
    const {choices, error: listError, reload: reloadList} = useChoices(post !== undefined && !isOwn);
    const [chosenId, setChosenId] = useState('');
    const [starred, setStarred] = useState(false);
    const [key] = useState(newClientId);
    const own: Choice | undefined = incident && {id: incident.id, name: incident.name, channelId: incident.channel_id, isActive: incident.is_active};
    const chosen = isOwn ? own : choices?.find(({id}) => id === chosenId) ?? choices?.[0];
    const error = postError ?? incidentError ?? listError;

    const adding = useAction(async ({id, name}: Choice) => {
        const {entry, isNew} = await addEntry(id, {post_id: postId, starred}, `${key}-${id}`);
        receiveEntry(entry);
        onClose();
        showNews(isNew ?
            formatMessage({id: 'incident_timeline.message_added', defaultMessage: 'The message is on the timeline of “{name}” now.'}, {name}) :
            formatMessage({id: 'incident_timeline.message_there', defaultMessage: 'The message was on the timeline of “{name}” already.'}, {name}));
    });
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
        <Modal
            title={formatMessage({id: 'incident_timeline.post_menu', defaultMessage: 'Add to incident timeline'})}
            busy={adding.busy}
            onClose={onClose}
            footer={(
                <>
                    <CancelButton
                        locked={adding.busy}
                        onClick={onClose}
                    />
                    <Button
                        kind='primary'
                        data-autofocus={true}
                        data-testid='timeline-add-message'
                        busy={adding.busy}
                        locked={!chosen || !post}
                        onClick={() => chosen && void adding.run(chosen)}
                    >
                        <FormattedMessage
                            id='incident_timeline.add_message'
                            defaultMessage='Add Message'
                        />
                    </Button>
                </>
            )}
        >
            {error && (
                <ErrorNotice
                    error={error}
                    onRetry={() => {
                        retry();
                        reloadIncident();
                        reloadList();
                    }}
                >
                    <FormattedMessage
                        id='incident_timeline.dialog_failed'
                        defaultMessage='Message and incident could not be loaded.'
                    />
                </ErrorNotice>
            )}
            {!error && (!post || (!chosen && !choices)) && <Loading/>}
            {choices?.length === 0 && (
                <p>
                    <FormattedMessage
                        id='incident_timeline.no_incident'
                        defaultMessage='You are in no incident of this team.'
                    />
                </p>
            )}
            {post && chosen && (
                <div className={styles.dialog}>
                    {isOwn ? (
                        <p>
                            <FormattedMessage
                                id='incident_timeline.of_incident'
                                defaultMessage='Incident: {name}'
                                values={{name: <bdi className={styles.who}>{chosen.name}</bdi>}}
                            />
                        </p>
                    ) : (
                        <label htmlFor={selectId}>
                            <span className={styles.label}>
                                <FormattedMessage
                                    id='incident_timeline.choose_incident'
                                    defaultMessage='Incident'
                                />
                            </span>
                            <select
                                id={selectId}
                                className={styles.select}
                                value={chosen.id}
                                disabled={adding.busy}
                                onChange={(event) => setChosenId(event.target.value)}
                            >
                                {choices?.filter(({isActive}) => isActive).map(option)}
                                {ended.length > 0 && (
                                    <optgroup label={formatMessage({id: 'status.ended', defaultMessage: 'Ended'})}>
                                        {ended.map(option)}
                                    </optgroup>
                                )}
                            </select>
                        </label>
                    )}
                    <div className={styles.preview}>
                        <div className={styles.previewHead}>
                            <Who userId={post.user_id}/>
                            <span className={styles.note}><DateTime at={post.create_at}/></span>
                        </div>
                        <div className={styles.previewText}><Text text={post.message}/></div>
                    </div>
                    <p data-testid='timeline-disclosure'>
                        <FormattedMessage
                            id='incident_timeline.disclosure'
                            defaultMessage='All who may see this incident will see the message: its text, its author, and names and hashes of its files. It stays on the timeline when the message is edited or deleted.'
                        />
                        {chosen.channelId !== channelId && (
                            <>
                                {' '}
                                <Origin channel={channel}/>
                            </>
                        )}
                    </p>
                    <label className={styles.check}>
                        <input
                            type='checkbox'
                            checked={starred}
                            disabled={adding.busy}
                            onChange={(event) => setStarred(event.target.checked)}
                        />
                        <FormattedMessage
                            id='incident_timeline.star'
                            defaultMessage='Key moment'
                        />
                    </label>
                </div>
            )}
            {adding.error && (
                <ErrorNotice error={adding.error}>
                    <FormattedMessage
                        id='incident_timeline.message_failed'
                        defaultMessage='The message could not be added.'
                    />
                </ErrorNotice>
            )}
        </Modal>
    );
}
