import {PlaybookSeverity, SEVERITY_LIMITS, SeverityLevel} from 'src/types/severity';

const KEY = new RegExp(`^[A-Za-z0-9_-]{1,${SEVERITY_LIMITS.key}}$`);

/** Stands in filters for incidents without a level. */
const NONE = 'none';

/** What is wrong with a level. */
export interface LevelProblems {
    key?: 'missing' | 'form' | 'twice';
    name?: 'missing';
}

const lower = ({key}: SeverityLevel) => key.trim().toLowerCase();

function keyProblem(level: SeverityLevel, levels: SeverityLevel[]): LevelProblems['key'] {
    if (!level.key) {
        return 'missing';
    }
    if (!KEY.test(level.key) || level.key.toLowerCase() === NONE) {
        return 'form';
    }
    return levels.some((other) => other !== level && lower(other) === lower(level)) ? 'twice' : undefined;
}

/** What is wrong with a level among all of the playbook. */
export const problemsOf = (level: SeverityLevel, levels: SeverityLevel[]): LevelProblems => ({
    key: keyProblem(level, levels),
    name: level.name.trim() ? undefined : 'missing',
});

/** Whether the server will take the levels. */
export const isValid = (severity: PlaybookSeverity | undefined): boolean => (severity?.levels ?? []).every((level, _index, levels) => {
    const {key, name} = problemsOf(level, levels);
    return !key && !name;
});
