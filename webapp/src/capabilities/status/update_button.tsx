import React from 'react';
import {FormattedMessage} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/status/update_button.module.css';
import {UPDATE_FAILED, useUpdate} from 'src/capabilities/status/use_update';
import {footerButton, SidebarFooter} from 'src/incident/sidebar_parts';
import {Button} from 'src/ui/button';
import {ErrorNotice} from 'src/ui/notice';

/** The button that opens the dialog for a status update; says why there is none to post. */
export default function UpdateButton({incident}: IncidentProps) {
    const update = useUpdate();
    return (
        <SidebarFooter>
            {update.error && (
                <ErrorNotice error={update.error}>
                    <FormattedMessage {...UPDATE_FAILED}/>
                </ErrorNotice>
            )}
            <Button
                className={footerButton}
                busy={update.busy}
                disabled={!incident.is_active}
                aria-describedby={incident.is_active ? undefined : 'incident-update-reason'}
                onClick={() => void update.run()}
            >
                <FormattedMessage
                    id='summary.update'
                    defaultMessage='Update Status'
                />
            </Button>
            {!incident.is_active && (
                <p
                    id='incident-update-reason'
                    className={styles.note}
                >
                    <FormattedMessage
                        id='summary.update_ended'
                        defaultMessage='The incident has ended. Restart it to post a status update.'
                    />
                </p>
            )}
        </SidebarFooter>
    );
}
