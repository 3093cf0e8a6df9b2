import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useStore} from 'react-redux';

import {IncidentDialogProps} from 'src/capabilities/capability';
import {restart} from 'src/capabilities/channel/client';
import {HostState} from 'src/host/store';
import {useAction} from 'src/query/use_action';
import {bringChannelBack} from 'src/store/archived_channel';
import {reloadIncident} from 'src/store/incidents';
import {Confirm} from 'src/ui/modal';

/** Asks before an incident is restarted whose channel is archived. A command cannot do it: the channel takes none. */
export default function RestartDialog({incident, onClose}: IncidentDialogProps) {
    const {formatMessage} = useIntl();
    const store = useStore<HostState>();
    const {id, channel_id: channelId} = incident;
    const restarting = useAction(() => restart(id));
    return (
        <Confirm
            title={formatMessage({id: 'channel.restart_title', defaultMessage: 'Restart this incident?'})}
            confirm={formatMessage({id: 'footer.restart', defaultMessage: 'Restart Incident'})}
            busy={restarting.busy}
            error={restarting.error}
            failure={formatMessage({id: 'channel.restart_failed', defaultMessage: 'The incident was not restarted.'})}
            onConfirm={async () => {
                if (await restarting.run()) {
                    onClose();
                    void reloadIncident(channelId);
                    void bringChannelBack(store, channelId);
                }
            }}
            onCancel={onClose}
        >
            <FormattedMessage
                id='channel.restart_text'
                defaultMessage='Its channel was archived. It comes back with its messages and members.'
            />
        </Confirm>
    );
}
