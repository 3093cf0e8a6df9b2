import {useEffect} from 'react';

import {followChannels} from 'src/data/activity';

/** A busy channel is asked about no more often than this. */
export const CALM_MS = 3000;

/** Those who see a public incident without being in its channel get no events. */
export const LOOK_MS = 60000;

/**
 * Keeps the numbers of a channel fresh while they are shown: soon after something happened there, and now and then, with all
 * else, for those who are not told.
 */
export function useFresh(channelId: string, numbers: () => void, everything: () => void): void {
    useEffect(() => {
        if (!channelId) {
            return undefined;
        }
        let timer: number | undefined;
        const look = window.setInterval(() => {
            if (!document.hidden) {
                everything();
                numbers();
            }
        }, LOOK_MS);
        const unfollow = followChannels((changed) => {
            if (changed === channelId && timer === undefined) {
                timer = window.setTimeout(() => {
                    timer = undefined;
                    numbers();
                }, CALM_MS);
            }
        });
        return () => {
            unfollow();
            window.clearInterval(look);
            window.clearTimeout(timer);
        };
    }, [channelId, numbers, everything]);
}
