import React, {useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {cut, ticksFor, timelineOf, TimelineRow} from 'src/features/incident_page/timeline_data';
import styles from 'src/features/incident_page/timeline.module.css';
import {Incident} from 'src/types/incident';
import {Icon, ShieldIcon} from 'src/ui/icon';
import {EmptyState} from 'src/ui/notice';
import {Hidden} from 'src/ui/root';
import {formatDuration, useDateTime} from 'src/ui/time';

const WIDTH = 1000;
const LEFT = 210;
const RIGHT = 24;
const TOP = 70;
const ROW = 40;
const LEAST_HEIGHT = 400;
const FOOT = 52;
const RADIUS = 3;
const HALO = 12;

interface Point extends TimelineRow {
    x: number;
    y: number;
}

/** When each task was completed, counted from the start of the incident, with a list of the same for screen readers. */
export default function Timeline({incident}: {incident: Incident}) {
    const intl = useIntl();
    const exact = useDateTime();
    const [shown, setShown] = useState<string>();
    const rows = timelineOf(incident);
    if (rows.length === 0) {
        return (
            <EmptyState
                title={intl.formatMessage({id: 'timeline.none', defaultMessage: 'There are no tasks yet'})}
                picture={(
                    <Icon
                        of={ShieldIcon}
                        size={64}
                    />
                )}
            />
        );
    }
    const ticks = ticksFor(Math.max(0, ...rows.map(({after = 0}) => after)));
    const end = ticks[ticks.length - 1] || 1;
    const height = Math.max(LEAST_HEIGHT, ROW * (rows.length + 1));
    const rowHeight = (height - TOP) / (rows.length + 1);
    const x = (ms: number) => LEFT + ((ms / end) * (WIDTH - LEFT - RIGHT));
    const y = (index: number) => TOP + ((index + 0.5) * rowHeight);
    const points = rows.flatMap((row, index): Point[] => (row.after === undefined ? [] : [{...row, x: x(row.after), y: y(index)}]));
    const active = points.find(({key}) => key === shown);
    const label = (ms: number) => (ms === 0 ? '0' : formatDuration(intl, ms));
    const hide = () => setShown(undefined);
    return (
        <figure className={styles.figure}>
            {points.length === 0 && (
                <p className={styles.hint}>
                    <FormattedMessage
                        id='timeline.nothing_done'
                        defaultMessage='No task is completed yet. Each one will show up here at the time when it is.'
                    />
                </p>
            )}
            <svg
                className={styles.chart}
                viewBox={`0 0 ${WIDTH} ${height + FOOT}`}
                aria-hidden={true}
                focusable='false'
                direction='ltr'
            >
                {ticks.map((tick) => (
                    <g key={tick}>
                        <line
                            className={styles.grid}
                            x1={x(tick)}
                            x2={x(tick)}
                            y1={TOP}
                            y2={height}
                        />
                        <text
                            className={styles.tick}
                            x={x(tick)}
                            y={height + 18}
                            textAnchor='middle'
                        >
                            {label(tick)}
                        </text>
                    </g>
                ))}
                <text
                    className={styles.axis}
                    x={(LEFT + WIDTH - RIGHT) / 2}
                    y={height + 42}
                    textAnchor='middle'
                >
                    {intl.formatMessage({id: 'timeline.duration', defaultMessage: 'Duration'})}
                </text>
                {rows.map((row, index) => (
                    <text
                        key={row.key}
                        className={styles.rowLabel}
                        x={LEFT - 12}
                        y={y(index)}
                        textAnchor='end'
                        dominantBaseline='middle'
                    >
                        <title>{row.title}</title>
                        {cut(row.title)}
                    </text>
                ))}
                {active && (
                    <path
                        className={styles.guide}
                        d={`M${active.x} ${height}V${active.y}H${LEFT}`}
                    />
                )}
                {points.map((point) => (
                    <g
                        key={point.key}
                        onMouseEnter={() => setShown(point.key)}
                        onMouseLeave={hide}
                    >
                        <circle
                            className={styles.halo}
                            cx={point.x}
                            cy={point.y}
                            r={HALO}
                            fillOpacity={point.key === shown ? 0.3 : 0}
                        />
                        <circle
                            className={styles.point}
                            data-row={point.key}
                            cx={point.x}
                            cy={point.y}
                            r={RADIUS}
                        />
                    </g>
                ))}
            </svg>
            {active && active.at !== undefined && (
                <div
                    className={styles.tooltip}
                    style={{left: `${(active.x / WIDTH) * 100}%`, top: `${((active.y - HALO) / (height + FOOT)) * 100}%`}}
                >
                    <strong>{active.title}</strong>
                    <span>{exact(active.at)}</span>
                </div>
            )}
            <Hidden>
                <table>
                    <caption>
                        <FormattedMessage
                            id='timeline.title'
                            defaultMessage='When the tasks were completed'
                        />
                    </caption>
                    <tbody>
                        {rows.map((row) => (
                            <tr key={row.key}>
                                <th scope='row'>{row.title}</th>
                                <td>{row.stage}</td>
                                <td>
                                    {row.after === undefined || row.at === undefined ?
                                        intl.formatMessage({id: 'timeline.open', defaultMessage: 'not completed'}) :
                                        intl.formatMessage(
                                            {id: 'timeline.after', defaultMessage: 'after {duration}, {time}'},
                                            {duration: formatDuration(intl, row.after), time: exact(row.at)},
                                        )}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </Hidden>
        </figure>
    );
}
