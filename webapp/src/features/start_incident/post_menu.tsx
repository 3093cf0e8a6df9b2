import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector, useStore} from 'react-redux';

import {startIncident} from 'src/data/commands';
import {useAction} from 'src/data/hooks';
import {HostState, postById} from 'src/host/store';
import styles from 'src/features/start_incident/post_menu.module.css';
import {Icon, ShieldIcon} from 'src/ui/icon';
import {showToast} from 'src/ui/toast';

const SYSTEM_PREFIX = 'system_';

/** Entry of a post's menu that starts an incident from the post. */
export function PostMenuItem({postId}: {postId: string}) {
    const store = useStore<HostState>();
    const {formatMessage} = useIntl();
    const post = useSelector((state: HostState) => postById(state, postId));
    const {run, busy} = useAction(() => startIncident(store, postId).catch((cause: unknown) => {
        // The menu with this entry is closed by now.
        showToast(formatMessage({id: 'start.failed', defaultMessage: 'The incident could not be started. Please try again.'}));
        throw cause;
    }));
    if (!post || post.type?.startsWith(SYSTEM_PREFIX)) {
        return null;
    }
    return (
        <li
            className='MenuItem'
            role='presentation'
        >
            <button
                type='button'
                role='menuitem'
                className={`style--none ${styles.entry}`}
                data-testid='incidentPostMenuIcon'
                disabled={busy}
                onClick={() => void run()}
            >
                <span className='MenuItem__icon'>
                    <Icon of={ShieldIcon}/>
                </span>
                <FormattedMessage
                    id='start.from_post'
                    defaultMessage='Start incident'
                />
            </button>
        </li>
    );
}
