import {getChannel, getMyMembership} from 'src/client/host';
import {channelById, HostStore, receivedChannel, receivedMyMembership} from 'src/host/store';

/** Whether the host's store has the channel as an archived one. */
export const isArchived = (store: HostStore, channelId: string): boolean => (channelById(store.getState(), channelId)?.delete_at ?? 0) > 0;

/**
 * Has the host show a channel that the plugin has taken out of the archive: the server does not tell its clients. For some seconds a
 * server may still answer from its cache that the channel is archived. A failure is left to the next loading of the page.
 */
export async function bringChannelBack(store: HostStore, channelId: string): Promise<void> {
    try {
        const [channel, membership] = await Promise.all([getChannel(channelId), getMyMembership(channelId)]);
        store.dispatch(receivedChannel({...channel, delete_at: 0}));
        store.dispatch(receivedMyMembership(membership));
    } catch {
        // Such as for somebody who is not in the channel.
    }
}
