import React, {RefObject, useLayoutEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {cut, ticksFor, timelineOf, TimelineRow} from 'src/features/incident_page/timeline_data';
import styles from 'src/features/incident_page/timeline.module.css';
import {Incident} from 'src/types/incident';
import {Icon, ShieldIcon} from 'src/ui/icon';
import {EmptyState} from 'src/ui/notice';
import {isolated} from 'src/ui/isolated';
import {Hidden} from 'src/ui/root';
import {formatDuration, useDateTime} from 'src/ui/time';

const USUAL_WIDTH = 1000;
const LABELS = 210;
const TICK_ROOM = 80;
const RIGHT = 24;
const TOP = 70;
const ROW = 40;
const LEAST_HEIGHT = 400;

// Where the foot of the chart is out of sight, its scale stands at the top too.
const TALL = 800;
const FOOT = 52;
const RADIUS = 3;
const HALO = 12;

const CHARACTER = 7;

/** Of the names, as the style sheet has it. */
const LABEL_SIZE = '13px';

/** A function that measures texts in the chart's type; without a canvas it goes by the usual width of a letter. */
function useTextWidth(figure: RefObject<HTMLElement>): (text: string) => number {
    const [measure, setMeasure] = useState(() => (text: string) => text.length * CHARACTER);
    useLayoutEffect(() => {
        const context = typeof CanvasRenderingContext2D === 'undefined' ? null : document.createElement('canvas').getContext('2d');
        if (context && figure.current) {
            context.font = `${LABEL_SIZE} ${getComputedStyle(figure.current).fontFamily}`;
            setMeasure(() => (text: string) => context.measureText(text).width);
        }
    }, [figure]);
    return measure;
}

interface Point extends TimelineRow {
    x: number;
    y: number;
}

/** The width of an element in CSS pixels, so that what is drawn in it keeps its size. */
function useWidth(element: RefObject<HTMLElement>): number {
    const [width, setWidth] = useState(USUAL_WIDTH);
    useLayoutEffect(() => {
        const at = element.current;
        if (!at || typeof ResizeObserver === 'undefined') {
            return undefined;
        }
        const measure = () => at.clientWidth > 0 && setWidth(at.clientWidth);
        measure();
        const observer = new ResizeObserver(measure);
        observer.observe(at);
        return () => observer.disconnect();
    }, [element]);
    return width;
}

/** When each task was completed, counted from the start of the incident, with a list of the same for screen readers. */
export default function Timeline({incident}: {incident: Incident}) {
    const intl = useIntl();
    const rows = timelineOf(incident);
    return rows.length > 0 ? (
        <Chart rows={rows}/>
    ) : (
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

function Chart({rows}: {rows: TimelineRow[]}) {
    const intl = useIntl();
    const exact = useDateTime();
    const [shown, setShown] = useState<string>();
    const figure = useRef<HTMLElement>(null);
    const width = useWidth(figure);
    const widthOf = useTextWidth(figure);
    const left = Math.min(LABELS, width * 0.36);
    const mostTicks = Math.max(2, Math.min(7, Math.floor((width - left) / TICK_ROOM)));
    const ticks = ticksFor(Math.max(0, ...rows.map(({after = 0}) => after)), mostTicks);
    const end = ticks[ticks.length - 1] || 1;
    const height = Math.max(LEAST_HEIGHT, ROW * (rows.length + 1));
    const rowHeight = (height - TOP) / (rows.length + 1);
    const x = (ms: number) => left + ((ms / end) * (width - left - RIGHT));
    const y = (index: number) => TOP + ((index + 0.5) * rowHeight);
    const points = rows.flatMap((row, index): Point[] => (row.after === undefined ? [] : [{...row, x: x(row.after), y: y(index)}]));
    const active = points.find(({key}) => key === shown);
    const label = (ms: number) => (ms === 0 ? '0' : formatDuration(intl, ms));
    const hide = () => setShown(undefined);
    return (
        <figure
            ref={figure}
            className={styles.figure}
        >
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
                viewBox={`0 0 ${width} ${height + FOOT}`}
                height={height + FOOT}
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
                        {height > TALL && (
                            <text
                                className={styles.tick}
                                x={x(tick)}
                                y={TOP - 10}
                                textAnchor='middle'
                            >
                                {label(tick)}
                            </text>
                        )}
                    </g>
                ))}
                <text
                    className={styles.axis}
                    x={(left + width - RIGHT) / 2}
                    y={height + 42}
                    textAnchor='middle'
                >
                    {intl.formatMessage({id: 'timeline.duration', defaultMessage: 'Duration'})}
                </text>
                {rows.map((row, index) => (
                    <text
                        key={row.key}
                        className={styles.rowLabel}
                        x={left - 12}
                        y={y(index)}
                        textAnchor='end'
                        dominantBaseline='middle'
                    >
                        <title>{row.title}</title>
                        {isolated(cut(row.title, left - 12, widthOf))}
                    </text>
                ))}
                {active && (
                    <path
                        className={styles.guide}
                        d={`M${active.x} ${height}V${active.y}H${left}`}
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
                    style={{left: `${(active.x / width) * 100}%`, top: `${((active.y - HALO) / (height + FOOT)) * 100}%`}}
                >
                    <strong dir='auto'>{active.title}</strong>
                    <span dir='auto'>{active.stage}</span>
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
                                <th scope='row'><bdi>{row.title}</bdi></th>
                                <td><bdi>{row.stage}</bdi></td>
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
