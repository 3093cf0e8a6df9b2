import React from 'react';
import {useIntl} from 'react-intl';

import styles from 'src/ui/field.module.css';
import {useDomId} from 'src/ui/ids';
import {formatDuration} from 'src/ui/time';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is offered, in seconds. */
const DURATIONS = [
    5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE, 45 * MINUTE,
    HOUR, 90 * MINUTE, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 3 * DAY, 7 * DAY,
];

interface Props {
    label: string;

    /** Seconds; 0 is none. A value that is not among those that are offered can be kept. */
    value: number;
    onChange: (seconds: number) => void;

    /** The entry for 0. */
    none: string;
    autoFocus?: boolean;
}

/** Chooses a duration. */
export function DurationSelect({label, value, onChange, none, autoFocus}: Props) {
    const intl = useIntl();
    const id = useDomId('duration');
    const offered = value > 0 && !DURATIONS.includes(value) ? [...DURATIONS, value].sort((a, b) => a - b) : DURATIONS;
    return (
        <div className={styles.field}>
            <label
                htmlFor={id}
                className={styles.label}
            >
                {label}
            </label>
            <select
                id={id}
                className={styles.select}
                value={value}
                autoFocus={autoFocus}
                onChange={(event) => onChange(Number(event.target.value))}
            >
                <option value={0}>{none}</option>
                {offered.map((seconds) => (
                    <option
                        key={seconds}
                        value={seconds}
                    >
                        {formatDuration(intl, seconds * 1000)}
                    </option>
                ))}
            </select>
        </div>
    );
}
