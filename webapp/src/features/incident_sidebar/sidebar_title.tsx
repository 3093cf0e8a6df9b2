import ChevronLeft from '@mattermost/compass-icons/components/chevron-left';
import React, {useEffect, useRef} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useDispatch} from 'react-redux';

import {IncidentProps} from 'src/capabilities/capability';
import {useIncidentOfChannel} from 'src/store/incidents';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {useSidebarView} from 'src/features/incident_sidebar/view';
import {StatusBadge} from 'src/incident/status_badge';
import {askForList} from 'src/state/reducer';
import {Button} from 'src/ui/button';
import {ErrorBoundary} from 'src/ui/error_boundary';
import {Icon} from 'src/ui/icon';
import {QuietPart} from 'src/ui/lazy_page';
import {Root} from 'src/ui/root';

const loadStatus = () => import(/* webpackChunkName: "sidebar" */ 'src/features/incident_sidebar/title_status');

function Status({incident}: IncidentProps) {
    return <StatusBadge isActive={incident.is_active}/>;
}

function IncidentTitle({channelId, onBack}: {channelId: string; onBack: () => void}) {
    const {formatMessage} = useIntl();
    const dispatch = useDispatch();
    const {incident} = useIncidentOfChannel(channelId);
    return (
        <>
            <Button
                kind='icon'
                data-testid='back-button'
                aria-label={formatMessage({id: 'sidebar.back', defaultMessage: 'Back to the list of incidents'})}
                onClick={() => {
                    onBack();
                    dispatch(askForList(channelId));
                }}
            >
                <Icon
                    of={ChevronLeft}
                    isDirectional={true}
                    size={20}
                />
            </Button>
            <span
                className={styles.titleText}
                data-testid='rhs-title'
                title={incident?.name}
            >
                {incident?.name ?? (
                    <FormattedMessage
                        id='sidebar.title'
                        defaultMessage='Incidents'
                    />
                )}
            </span>
            {incident && (
                <QuietPart
                    load={loadStatus}
                    props={{incident}}
                    Instead={Status}
                />
            )}
        </>
    );
}

/** Title bar of the sidebar. */
export function SidebarTitle() {
    const {channelId, isIncident} = useSidebarView();
    const listTitle = useRef<HTMLSpanElement>(null);
    const wentBack = useRef(false);
    useEffect(() => {
        if (wentBack.current && !isIncident) {
            // The button that had the focus is gone.
            listTitle.current?.focus();
        }
        wentBack.current = false;
    }, [isIncident]);
    return (
        <Root className={styles.title}>
            {isIncident ? (
                <ErrorBoundary key={channelId}>
                    <IncidentTitle
                        channelId={channelId}
                        onBack={() => {
                            wentBack.current = true;
                        }}
                    />
                </ErrorBoundary>
            ) : (
                <span
                    ref={listTitle}
                    tabIndex={-1}
                    className={styles.titleText}
                    data-testid='rhs-title'
                >
                    <FormattedMessage
                        id='sidebar.list_title'
                        defaultMessage='Your ongoing incidents'
                    />
                </span>
            )}
        </Root>
    );
}
