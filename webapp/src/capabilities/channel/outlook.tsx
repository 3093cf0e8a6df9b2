import React, {useEffect, useRef, useState} from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/channel/channel.module.css';
import {keepChannel} from 'src/capabilities/channel/client';
import {ChannelState, channelState, justKept} from 'src/capabilities/channel/state';
import {ApiError} from 'src/client/http';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {useMayChange} from 'src/incident/use_may_change';
import {reloadIncident, takeIncident} from 'src/store/incidents';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {useClock} from 'src/ui/clock';
import {LazyPart} from 'src/ui/lazy_page';
import {ErrorNotice} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';

const KEEP_FAILED = defineMessage({id: 'channel.keep_failed', defaultMessage: 'The channel was not kept.'});
const CHANNEL_ARCHIVED = 'channel.archived';

const loadRestart = () => import(/* webpackChunkName: "channel" */ 'src/capabilities/channel/restart_dialog');

async function keep({id, channel_id: channelId}: Incident): Promise<void> {
    try {
        const incident = await keepChannel(id);
        justKept.add(id);
        takeIncident(incident);
    } catch (cause) {
        if (cause instanceof ApiError && (cause.status === 0 || cause.code === CHANNEL_ARCHIVED)) {
            await reloadIncident(channelId);
        }
        throw cause;
    }
}

function Sentence({state}: {state: ChannelState}) {
    switch (state.kind) {
    case 'archived':
        return (
            <FormattedMessage
                id='channel.archived'
                defaultMessage='The channel was archived on {date}.'
                values={{
                    date: (
                        <DateTime
                            key='date'
                            at={state.at}
                        />
                    ),
                }}
            />
        );
    case 'planned':
        return (
            <FormattedMessage
                id='channel.planned'
                defaultMessage='The channel will be archived on {date}.'
                values={{
                    date: (
                        <DateTime
                            key='date'
                            at={state.at}
                        />
                    ),
                }}
            />
        );
    case 'due':
        return (
            <FormattedMessage
                id='channel.due'
                defaultMessage='The channel is about to be archived.'
            />
        );
    default:
        return (
            <FormattedMessage
                id='channel.after_end'
                defaultMessage='The channel will be archived {days, plural, one {# day} other {# days}} after the end.'
                values={{days: state.days}}
            />
        );
    }
}

/** What was there before has given way: who pressed its button is told, and has the focus here. */
function Kept() {
    const text = useRef<HTMLSpanElement>(null);
    useEffect(() => text.current?.focus(), []);
    return (
        <span
            ref={text}
            role='status'
            tabIndex={-1}
            className={styles.kept}
        >
            <FormattedMessage
                id='channel.kept'
                defaultMessage='The channel stays.'
            />
        </span>
    );
}

/** What becomes of the channel of an incident, with a way to keep it, or to bring it back. */
export function Outlook({incident, mayRestart = false}: IncidentProps & {mayRestart?: boolean}) {
    const {formatMessage} = useIntl();
    const mayChange = useMayChange(incident);
    const archiveAt = incident.channel?.archive_at ?? 0;

    // Shown again when it is due.
    useClock((now) => Number(now >= archiveAt), archiveAt > 0);
    const state = channelState(incident, Date.now());
    const keeping = useActionWithToast(() => keep(incident), KEEP_FAILED);
    const [isRestarting, setRestarting] = useState(false);
    const button = () => {
        if (!mayChange || !state || (state.kind === 'archived' && (!mayRestart || incident.is_active))) {
            return null;
        }
        return state.kind === 'archived' ? (
            <Button onClick={() => setRestarting(true)}>
                {formatMessage({id: 'footer.restart', defaultMessage: 'Restart Incident'})}
            </Button>
        ) : (
            <Button
                busy={keeping.busy}
                onClick={() => void keeping.run()}
            >
                <FormattedMessage
                    id='channel.keep'
                    defaultMessage='Keep the Channel'
                />
            </Button>
        );
    };
    return (
        <div
            className={styles.outlook}
            data-testid='channel-outlook'
        >
            {state ? <span><Sentence state={state}/></span> : justKept.has(incident.id) && <Kept/>}
            {button()}
            {keeping.error && (
                <ErrorNotice
                    error={keeping.error}
                    onDismiss={keeping.clear}
                >
                    <FormattedMessage {...KEEP_FAILED}/>
                </ErrorNotice>
            )}
            {isRestarting && (
                <LazyPart
                    load={loadRestart}
                    props={{incident, onClose: () => setRestarting(false)}}
                />
            )}
        </div>
    );
}
