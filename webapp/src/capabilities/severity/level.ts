import {AnyIncident} from 'src/types/incident';
import {IncidentSeverity, SeverityLevel, SeverityRow} from 'src/types/severity';

/** The level of an incident or of its row in a list; undefined while none is chosen. */
export function levelOf({severity}: AnyIncident): SeverityRow | undefined {
    if (severity && 'levels' in severity) {
        return chosenLevel(severity);
    }
    return severity?.key ? severity : undefined;
}

/** The whole level that an incident has; undefined while none is chosen. */
export const chosenLevel = ({key, levels}: IncidentSeverity): SeverityLevel | undefined => levels.find((level) => level.key === key);

/** Whether `to` is a less severe level than the present one. */
export function isLower({key, levels}: IncidentSeverity, to: string): boolean {
    const [from, next] = [key, to].map((one) => levels.findIndex((level) => level.key === one));
    return from !== undefined && next !== undefined && from >= 0 && next > from;
}
