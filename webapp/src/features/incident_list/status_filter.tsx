import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import React, {KeyboardEvent, useLayoutEffect, useRef} from 'react';
import {useIntl} from 'react-intl';

import styles from 'src/features/incident_list/incident_list.module.css';
import {IncidentStatus} from 'src/types/incident';
import {Icon} from 'src/ui/icon';
import {PopupFrame, usePopup} from 'src/ui/popup';

interface Option {
    value: IncidentStatus;
    text: string;
}

function Options({options, value, label, onChoose}: {options: Option[]; value: IncidentStatus; label: string; onChoose: (value: IncidentStatus) => void}) {
    const list = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => list.current?.querySelector<HTMLElement>('[aria-checked=true]')?.focus(), []);
    const onKeyDown = (event: KeyboardEvent) => {
        const by = {ArrowDown: 1, ArrowUp: -1}[event.key];
        if (by) {
            event.preventDefault();
            const all = [...list.current?.querySelectorAll<HTMLElement>('button') ?? []];
            const at = all.indexOf(document.activeElement as HTMLElement);
            all[(at + by + all.length) % all.length]?.focus();
        }
    };
    return (
        <div
            ref={list}
            role='menu'
            tabIndex={-1}
            aria-label={label}
            className={styles.options}
            onKeyDown={onKeyDown}
        >
            {options.map((option) => (
                <button
                    key={option.value}
                    type='button'
                    role='menuitemradio'
                    tabIndex={-1}
                    aria-checked={option.value === value}
                    className={styles.option}
                    onClick={() => onChoose(option.value)}
                >
                    <span>{option.text}</span>
                </button>
            ))}
        </div>
    );
}

/** Chooses whether ongoing, ended or all incidents are listed. */
export function StatusFilter({value, onChoose}: {value: IncidentStatus; onChoose: (value: IncidentStatus) => void}) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const label = formatMessage({id: 'incidents.status', defaultMessage: 'Status'});
    const options: Option[] = [
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
            <Options
                {...{options, value, label}}
                onChoose={(status) => {
                    popup.close();
                    if (status !== value) {
                        onChoose(status);
                    }
                }}
            />
        </PopupFrame>
    );
}
