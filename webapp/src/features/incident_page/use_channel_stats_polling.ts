import {useCallback, useEffect} from 'react';

import {useLookAgain} from 'src/query/use_look_again';
import {onChannelEvent} from 'src/realtime/channel_events';

/** A busy channel is asked about no more often than this. */
export const THROTTLE_MS = 3000;

/**
 * Keeps the numbers of a channel fresh while they are shown: soon after something happened there, and now and then, with all
 * else, for clients that get no event.
 */
export function useChannelStatsPolling(channelId: string, numbers: () => void, everything: () => void): void {
    useEffect(() => {
        if (!channelId) {
            return undefined;
        }
        let timer: number | undefined;
        const unfollow = onChannelEvent((changed) => {
            if (changed === channelId && timer === undefined) {
                timer = window.setTimeout(() => {
                    timer = undefined;
                    numbers();
                }, THROTTLE_MS);
            }
        });
        return () => {
            unfollow();
            window.clearTimeout(timer);
        };
    }, [channelId, numbers]);

    // Those who see a public incident without being in its channel get no events, and nobody does of who comes and goes elsewhere.
    const look = useCallback(() => {
        everything();
        numbers();
    }, [everything, numbers]);
    useLookAgain(channelId !== '', look);
}
