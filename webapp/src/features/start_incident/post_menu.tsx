import React from 'react';
import {defineMessage, FormattedMessage, MessageDescriptor} from 'react-intl';

import {startIncident} from 'src/store/commands';
import styles from 'src/features/start_incident/post_menu.module.css';
import {HostStore, postById, userLocale} from 'src/host/store';
import {intlFor} from 'src/i18n/locales';
import {Icon, ShieldIcon} from 'src/ui/icon';
import {showToast} from 'src/ui/toast';

const SYSTEM_PREFIX = 'system_';

/** The entry that starts an incident. */
export const START = {testId: 'incidentPostMenuIcon', text: defineMessage({id: 'start.from_post', defaultMessage: 'Start incident'})};

/** Text of an entry in a post's menu. */
export function PostMenuText({testId, text}: {testId: string; text: MessageDescriptor}) {
    return (
        <span
            className={styles.entry}
            data-testid={testId}
        >
            <Icon of={ShieldIcon}/>
            <FormattedMessage {...text}/>
        </span>
    );
}

/** Whether a post is somebody's message that is loaded. */
export const isMessage = (store: HostStore) => (postId: string): boolean => {
    const post = postById(store.getState(), postId);
    return post !== undefined && !post.type?.startsWith(SYSTEM_PREFIX);
};

/** Starts an incident from a post. A press while one is under way does nothing. */
export function startFrom(store: HostStore): (postId: string) => void {
    let busy = false;
    return async (postId) => {
        if (busy) {
            return;
        }
        busy = true;
        try {
            await startIncident(store, postId);
        } catch {
            // The menu with this entry is closed by now.
            const {formatMessage} = intlFor(userLocale(store.getState()));
            showToast(formatMessage({id: 'start.failed', defaultMessage: 'The incident could not be started. Please try again.'}));
        } finally {
            busy = false;
        }
    };
}
