import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import React from 'react';
import {defineMessage, FormattedMessage, useIntl} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {snooze} from 'src/capabilities/clock/client';
import styles from 'src/capabilities/clock/clock.module.css';
import {Due} from 'src/capabilities/clock/due';
import {SidebarSection} from 'src/incident/sidebar_parts';
import {useActionWithToast} from 'src/incident/use_action_with_toast';
import {takeIncident} from 'src/store/incidents';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {announce} from 'src/ui/live_region';
import {MenuList} from 'src/ui/menu';
import {ErrorNotice} from 'src/ui/notice';
import {PopupFrame, usePopup} from 'src/ui/popup';
import {formatDuration} from 'src/ui/time';

/** Seconds by which the next update can be put off. */
const SNOOZES = [15 * 60, 30 * 60, 60 * 60, 4 * 60 * 60];

const SNOOZE_FAILED = defineMessage({id: 'clock.snooze_failed', defaultMessage: 'The next update could not be put off.'});

function Snooze({incident}: {incident: Incident}) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const popup = usePopup();
    const action = useActionWithToast(async (seconds: number) => {
        takeIncident(await snooze(incident.id, seconds));
        announce(formatMessage({id: 'clock.snoozed', defaultMessage: 'Next update in {duration}'}, {duration: formatDuration(intl, seconds * 1000)}));
    }, SNOOZE_FAILED);
    const label = formatMessage({id: 'clock.snooze_label', defaultMessage: 'Put the next update off'});
    return (
        <>
            <PopupFrame
                popup={popup}
                opener={(
                    <Button
                        kind='quiet'
                        aria-haspopup='menu'
                        aria-expanded={popup.isOpen}
                        title={label}
                        data-testid='snooze'
                        busy={action.busy}
                        onClick={popup.toggle}
                    >
                        <FormattedMessage
                            id='clock.snooze'
                            defaultMessage='Snooze'
                        />
                        <Icon
                            of={ChevronDown}
                            size={14}
                        />
                    </Button>
                )}
            >
                <MenuList
                    label={label}
                    entries={SNOOZES.map((seconds) => ({
                        key: String(seconds),
                        text: formatMessage({id: 'clock.snooze_for', defaultMessage: 'For {duration}'}, {duration: formatDuration(intl, seconds * 1000)}),
                        onChoose: () => void action.run(seconds),
                    }))}
                    onDone={popup.close}
                />
            </PopupFrame>
            {action.error && (
                <ErrorNotice
                    error={action.error}
                    onDismiss={action.clear}
                >
                    <FormattedMessage {...SNOOZE_FAILED}/>
                </ErrorNotice>
            )}
        </>
    );
}

/** When the next status update is due, and a menu to put it off. */
export default function ClockSummary({incident}: IncidentProps) {
    return incident.clock ? (
        <SidebarSection
            data-testid='next-update'
            title={(
                <FormattedMessage
                    id='clock.title'
                    defaultMessage='Next Update'
                />
            )}
        >
            <div className={styles.line}>
                <Due clock={incident.clock}/>
                <Snooze incident={incident}/>
            </div>
        </SidebarSection>
    ) : null;
}
