import {LEVEL_COLORS, PlaybookSeverity, SEVERITY_LIMITS, SeverityLevel} from 'src/types/severity';
import {moved} from 'src/store/merge';

const EMPTY: PlaybookSeverity = {levels: [], default: ''};

/** The levels of a draft; undefined is none. */
export type Levels = PlaybookSeverity | undefined;

/** What is stored of levels: nothing of none. */
const stored = (severity: PlaybookSeverity): Levels => (severity.levels.length ? severity : undefined);

/** Names of rows that stay while their levels are changed and moved. */
const ids = new WeakMap<SeverityLevel, string>();
let last = 0;

export function idOf(level: SeverityLevel): string {
    const id = ids.get(level) ?? `level-${++last}`;
    ids.set(level, id);
    return id;
}

/** With one more level below the others; its key and colour are free ones. */
export function withNew(severity: Levels = EMPTY): Levels {
    const {levels} = severity;
    if (levels.length >= SEVERITY_LIMITS.levels) {
        return severity;
    }
    const keys = new Set(levels.map(({key}) => key.toLowerCase()));
    let number = levels.length + 1;
    while (keys.has(`sev${number}`)) {
        number++;
    }
    const color = LEVEL_COLORS.find((one) => levels.every((level) => level.color !== one)) ?? 'grey';
    return {...severity, levels: [...levels, {key: `SEV${number}`, name: '', description: '', color, update_seconds: 0}]};
}

/** Names of rows of levels that lost their key while incidents started with them. */
const defaultsWithoutKey = new Set<string>();

/**
 * With a level changed. Where incidents start with it, they still do when it gets another key, also if it had none meanwhile. No other level
 * becomes the one with which they start.
 */
export function withChanged(severity: PlaybookSeverity, level: SeverityLevel, values: Partial<SeverityLevel>): Levels {
    const next = {...level, ...values};
    ids.set(next, idOf(level));
    const levels = severity.levels.map((one) => (one === level ? next : one));
    const isDefault = level.key ?
        severity.default === level.key && severity.levels.filter(({key}) => key === level.key).length === 1 :
        severity.default === '' && defaultsWithoutKey.has(idOf(level));
    if (isDefault && !next.key) {
        defaultsWithoutKey.add(idOf(level));
    } else {
        defaultsWithoutKey.delete(idOf(level));
    }
    const key = isDefault ? next.key : severity.default;
    return {levels, default: levels.some((one) => one.key === key) ? key : ''};
}

export const without = (severity: PlaybookSeverity, level: SeverityLevel): Levels => stored({
    levels: severity.levels.filter((one) => one !== level),
    default: severity.default === level.key ? '' : severity.default,
});

/** With a row moved to a position. */
export function withMoved(severity: PlaybookSeverity, id: string, to: number): Levels {
    const from = severity.levels.findIndex((level) => idOf(level) === id);
    return from < 0 || to < 0 || to >= severity.levels.length ? severity : {...severity, levels: moved(severity.levels, from, to)};
}
