/** Colours of levels; `ui/chip.module.css` has what they look like. */
export const LEVEL_COLORS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'grey'] as const;
export type LevelColor = typeof LEVEL_COLORS[number];

/** How severe an incident can be. */
export interface SeverityLevel {
    /** Unique in its playbook, upper and lower case being the same. */
    key: string;
    name: string;

    /** One sentence that says when to choose it; '' is none. */
    description: string;
    color: LevelColor;

    /** How often status updates are due; 0 is not said. */
    update_seconds: number;
}

/** The levels of a playbook. */
export interface PlaybookSeverity {
    /** The worst first. */
    levels: SeverityLevel[];

    /** Key of the level that an incident starts with; '' is none. */
    default: string;
}

/** The severity of an incident. */
export interface IncidentSeverity {
    /** '' until one is chosen. */
    key: string;

    /** Those of the playbook when the incident started, the worst first. */
    levels: SeverityLevel[];
}

/** What lists get of the severity of an incident. */
export type SeverityRow = Pick<SeverityLevel, 'key' | 'name' | 'color'>;

/** What the server takes of levels. Lengths are in characters. */
export const SEVERITY_LIMITS = {levels: 6, key: 16, name: 64, description: 256, updateSeconds: {least: 60, most: 2_592_000}};
