import React from 'react';
import {FormattedMessage} from 'react-intl';

import styles from 'src/capabilities/timeline/timeline.module.css';
import {useDisplayName, useUser} from 'src/store/users';

interface Props {
    /** '' is the plugin. */
    userId?: string;

    /** The name at the time of recording, for accounts that are gone and for webhooks. */
    recorded?: string;
}

/** The name of who did something. */
export function Who({userId = '', recorded}: Props) {
    const user = useUser(userId);
    const nameOf = useDisplayName();
    let name: React.ReactNode = recorded;
    if (user) {
        name = nameOf(user);
    } else if (!userId && !recorded) {
        name = (
            <FormattedMessage
                id='incident_timeline.plugin'
                defaultMessage='Incident Management'
            />
        );
    }
    return <bdi className={styles.who}>{name || '…'}</bdi>;
}
