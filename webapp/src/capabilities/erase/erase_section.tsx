import React, {useState} from 'react';
import {FormattedMessage} from 'react-intl';
import {useSelector} from 'react-redux';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/erase/erase.module.css';
import {currentUserId, HostState, userById} from 'src/host/store';
import {PageSection} from 'src/incident/page_section';
import {Button} from 'src/ui/button';
import {LazyPart} from 'src/ui/lazy_page';

const loadDialog = () => import(/* webpackChunkName: "erase" */ 'src/capabilities/erase/erase_dialog');

const isAdmin = (state: HostState) => (userById(state, currentUserId(state))?.roles ?? '').split(' ').includes('system_admin');

/** The end of the incident's page, where system administrators delete the incident. Others do not see it. */
export default function EraseSection({incident}: IncidentProps) {
    const mayErase = useSelector(isAdmin);
    const [isOpen, setOpen] = useState(false);
    if (!mayErase) {
        return null;
    }
    return (
        <PageSection
            title={(
                <FormattedMessage
                    id='erase.section'
                    defaultMessage='Delete this incident'
                />
            )}
        >
            <p className={styles.text}>
                <FormattedMessage
                    id='erase.section_text'
                    defaultMessage='For system administrators only. The incident is deleted for good, with everything that belongs to it.'
                />
            </p>
            <Button onClick={() => setOpen(true)}>
                <FormattedMessage
                    id='erase.open'
                    defaultMessage='Delete Incident'
                />
            </Button>
            {isOpen && (
                <LazyPart
                    load={loadDialog}
                    props={{incident, onClose: () => setOpen(false)}}
                />
            )}
        </PageSection>
    );
}
