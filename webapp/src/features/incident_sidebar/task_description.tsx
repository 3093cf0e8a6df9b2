import Close from '@mattermost/compass-icons/components/close';
import InformationOutline from '@mattermost/compass-icons/components/information-outline';
import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/features/incident_sidebar/tasks.module.css';
import {Task} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {useDomId} from 'src/ui/ids';
import {Text} from 'src/people/text';
import {PopupFrame, usePopup} from 'src/ui/popup';

/** An icon that opens the task's description; absent when there is none. */
export function TaskDescription({task}: {task: Task}) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const headingId = useDomId('description');
    const text = task.description.trim();
    if (!text) {
        return null;
    }
    return (
        <PopupFrame
            popup={popup}
            prefer='above'
            align='end'
            opener={(
                <Button
                    kind='icon'
                    aria-label={formatMessage({id: 'task.show_description', defaultMessage: 'Description of the task {title}'}, {title: task.title})}
                    aria-expanded={popup.isOpen}
                    onClick={popup.toggle}
                >
                    <Icon of={InformationOutline}/>
                </Button>
            )}
        >
            <div
                id='info-icon'
                role='dialog'
                aria-labelledby={headingId}
                className={styles.popover}
            >
                <div className={styles.popoverHead}>
                    <strong id={headingId}>
                        <FormattedMessage
                            id='task.description_title'
                            defaultMessage='Task description'
                        />
                    </strong>
                    <Button
                        kind='icon'
                        aria-label={formatMessage({id: 'ui.modal.close', defaultMessage: 'Close'})}
                        onClick={() => popup.close()}
                    >
                        <Icon of={Close}/>
                    </Button>
                </div>
                <div
                    className={styles.popoverBody}
                    role='region'
                    aria-labelledby={headingId}
                    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reachable by keyboard
                    tabIndex={0}
                >
                    <Text text={text}/>
                </div>
            </div>
        </PopupFrame>
    );
}
