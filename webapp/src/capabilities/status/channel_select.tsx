import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import Close from '@mattermost/compass-icons/components/close';
import React, {useCallback, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector, useStore} from 'react-redux';

import styles from 'src/capabilities/status/preferences_tab.module.css';
import {getChannel, searchChannels} from 'src/client/host';
import {channelById, HostState} from 'src/host/store';
import {useQuery} from 'src/query/client';
import {Channel} from 'src/types/host_rest';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {useLateChoices} from 'src/ui/late_choice';
import {ErrorNotice} from 'src/ui/notice';
import {Picker} from 'src/ui/picker';
import {PopupFrame, usePopup} from 'src/ui/popup';

interface Props {
    teamId: string;

    /** '' is none. */
    channelId: string;
    onChoose: (channelId: string) => void;
}

const ID = /^[a-z0-9]{26}$/;
const TEAM_CHANNELS = ['O', 'P'];

/** Chooses a channel of the team; the server searches by URL name, display name and id. */
export function ChannelSelect({teamId, channelId, onChoose}: Props) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const store = useStore<HostState>();
    const [picked, setPicked] = useState<Channel>();
    const ofHost = useSelector((state: HostState) => (channelId ? channelById(state, channelId) : undefined));
    const known = ofHost ?? (picked?.id === channelId ? picked : undefined);
    const {data, error, reload} = useQuery<Channel>(['channel', channelId], (signal) => getChannel(channelId, signal), {enabled: channelId !== '' && !known});
    const channel = known ?? data;
    const isUnknown = !channel && Boolean(error?.isNotFound);

    const search = useCallback(async (term: string, signal?: AbortSignal) => {
        const wanted = term.toLowerCase();
        const [found, byId] = await Promise.all([
            searchChannels(teamId, term, signal),
            ID.test(wanted) ? getChannel(wanted, signal).catch(() => undefined) : undefined,
        ]);
        // The server looks at the beginnings of words; channels that the host knows are found by any part.
        const local = Object.values(store.getState().entities.channels.channels).filter((one): one is Channel => Boolean(one) &&
            [one?.name, one?.display_name].some((name) => name?.toLowerCase().includes(wanted)));
        const all = [...found, ...local, ...(byId ? [byId] : [])].
            filter((one) => one.team_id === teamId && TEAM_CHANNELS.includes(one.type) && !one.delete_at);
        return [...new Map(all.map((one) => [one.id, one])).values()].sort((a, b) => a.display_name.localeCompare(b.display_name));
    }, [teamId, store]);
    const load = useCallback(async (_page: number, signal: AbortSignal) => ({options: await search('', signal), hasMore: false}), [search]);

    const take = (one: Channel) => {
        setPicked(one);
        onChoose(one.id);
    };
    const lateChoices = useLateChoices(take, {isPartOfForm: true});
    const label = formatMessage({id: 'editor.broadcast', defaultMessage: 'Broadcast channel'});
    let text = formatMessage({id: 'editor.choose_channel', defaultMessage: 'Choose a channel'});
    if (channel) {
        // Direct channels have no name of their own.
        text = channel.display_name || formatMessage({id: 'editor.direct_channel', defaultMessage: 'Direct message'});
        if (channel.delete_at) {
            text = formatMessage({id: 'editor.archived_channel', defaultMessage: '{name} (archived)'}, {name: text});
        }
    } else if (channelId) {
        text = isUnknown ? formatMessage({id: 'editor.unknown_channel', defaultMessage: 'Unknown Channel'}) : '…';
    }
    return (
        <>
            <div className={styles.selectLine}>
                <div id='playbook-preferences-broadcast-channel'>
                    <PopupFrame
                        popup={popup}
                        opener={(
                            <button
                                type='button'
                                className={styles.select}
                                aria-haspopup='listbox'
                                aria-expanded={popup.isOpen}
                                aria-describedby='im-broadcast-label'
                                onClick={popup.toggle}
                            >
                                <bdi>{text}</bdi>
                                <Icon of={ChevronDown}/>
                            </button>
                        )}
                    >
                        <Picker<Channel>
                            label={label}
                            load={load}
                            search={search}
                            keyOf={({id}) => id}
                            selectedKey={channelId}
                            render={(one) => <bdi>{one.display_name}</bdi>}
                            onChoose={(one) => {
                                popup.close();
                                take(one);
                            }}
                            lateChoices={lateChoices}
                        />
                    </PopupFrame>
                </div>
                {channelId && (
                    <Button
                        kind='icon'
                        aria-label={formatMessage({id: 'editor.clear_channel', defaultMessage: 'No broadcast channel'})}
                        onClick={() => {
                            lateChoices.supersede();
                            onChoose('');
                        }}
                    >
                        <Icon of={Close}/>
                    </Button>
                )}
            </div>
            {isUnknown && (
                <p className={styles.hint}>
                    <FormattedMessage
                        id='editor.unknown_channel_text'
                        defaultMessage='You cannot see this channel, or it no longer exists. It stays set unless you choose another one.'
                    />
                </p>
            )}
            {Boolean(channel?.delete_at) && (
                <p className={styles.hint}>
                    <FormattedMessage
                        id='editor.archived_channel_text'
                        defaultMessage='This channel is archived: updates are not posted there. It stays set unless you choose another one.'
                    />
                </p>
            )}
            {error && !isUnknown && !channel && (
                <ErrorNotice
                    error={error}
                    onRetry={reload}
                >
                    <FormattedMessage
                        id='editor.channel_failed'
                        defaultMessage='The channel could not be loaded.'
                    />
                </ErrorNotice>
            )}
        </>
    );
}
