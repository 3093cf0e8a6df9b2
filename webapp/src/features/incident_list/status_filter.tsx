import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import React from 'react';
import {useIntl} from 'react-intl';

import {IncidentStatus} from 'src/types/incident';
import {Icon} from 'src/ui/icon';
import {MenuList} from 'src/ui/menu';
import {PopupFrame, usePopup} from 'src/ui/popup';
import styles from 'src/ui/popup.module.css';

/** Chooses whether ongoing, ended or all incidents are listed. */
export function StatusFilter({value, onChoose}: {value: IncidentStatus; onChoose: (value: IncidentStatus) => void}) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const label = formatMessage({id: 'incidents.status', defaultMessage: 'Status'});
    const options: Array<{value: IncidentStatus; text: string}> = [
        {value: 'active', text: formatMessage({id: 'status.ongoing', defaultMessage: 'Ongoing'})},
        {value: 'ended', text: formatMessage({id: 'status.ended', defaultMessage: 'Ended'})},
        {value: 'all', text: formatMessage({id: 'incidents.all', defaultMessage: 'All'})},
    ];
    const chosen = value === 'all' ? label : options.find((option) => option.value === value)?.text;
    return (
        <PopupFrame
            popup={popup}
            anchorClassName='status-filter-dropdown'
            opener={(
                <button
                    type='button'
                    className={styles.opener}
                    aria-haspopup='menu'
                    aria-expanded={popup.isOpen}
                    title={label}
                    onClick={popup.toggle}
                >
                    {chosen}
                    <Icon
                        of={ChevronDown}
                        size={14}
                    />
                </button>
            )}
        >
            <MenuList
                label={label}
                entries={options.map((option) => ({
                    key: option.value,
                    text: <span>{option.text}</span>,
                    isChecked: option.value === value,
                    onChoose: () => {
                        if (option.value !== value) {
                            onChoose(option.value);
                        }
                    },
                }))}
                onDone={popup.close}
            />
        </PopupFrame>
    );
}
