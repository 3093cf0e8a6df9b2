import {client, refresh} from 'src/query/client';

/** Events may alter filters, order and numbers of lists: they are gathered for so long, in milliseconds. */
export const LIST_WAIT_MS = 1000;

/**
 * Asks again for the data under a key that is on the screen: `soon` once for all that happens within LIST_WAIT_MS, `now` at
 * once. `stop` forgets what was to be asked for soon.
 */
export function gatheredRefresh(key: string) {
    let timer: number | undefined;
    const stop = () => {
        window.clearTimeout(timer);
        timer = undefined;
    };
    const soon = () => {
        timer ??= window.setTimeout(() => {
            timer = undefined;
            if (client.isFetching([key]) > 0) {
                // To ask again now would, in a storm of events, mean never to get an answer.
                soon();
            } else {
                void refresh([key]);
            }
        }, LIST_WAIT_MS);
    };
    const now = () => {
        stop();
        return refresh([key]);
    };
    return {soon, now, stop};
}
