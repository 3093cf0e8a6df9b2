import {getIncident} from 'src/client/incidents';
import {backOff, isTransient, MOST_REPETITIONS} from 'src/query/retry';
import {Incident, IncidentChanged} from 'src/types/incident';

/** Events about one long incident are gathered for so long, in milliseconds, and up to twice as long at random. */
export const LONG_WAIT_MS = 500;

interface Reading {
    changed: IncidentChanged;

    /** Undefined while a request is under way. */
    timer?: number;
    attempt: number;
}

/**
 * Reads incidents of which an event said only that they have changed: one request at a time for each, however many events
 * come. `isWanted` is asked again before each request, since another one may have brought the incident meanwhile.
 */
export function longIncidents(isWanted: (changed: IncidentChanged) => boolean, take: (incident: Incident) => void) {
    const readings = new Map<string, Reading>();

    const start = (reading: Reading, wait: number) => {
        // Not all members of a channel should ask in the same moment.
        reading.timer = window.setTimeout(() => void read(reading), wait * (1 + Math.random()));
    };

    const read = async (reading: Reading) => {
        const {changed} = reading;
        const isCurrent = () => readings.get(changed.id) === reading;
        reading.timer = undefined;
        if (!isWanted(changed)) {
            readings.delete(changed.id);
            return;
        }
        try {
            const incident = await getIncident(changed.id);
            if (!isCurrent()) {
                return;
            }
            take(incident);
            reading.attempt = 0;
        } catch (cause) {
            if (!isCurrent()) {
                return;
            }
            if (!isTransient(cause) || reading.attempt >= MOST_REPETITIONS) {
                readings.delete(changed.id);
                return;
            }
            reading.attempt++;
            start(reading, backOff(reading.attempt));
            return;
        }
        if (reading.changed === changed) {
            readings.delete(changed.id);
        } else {
            start(reading, LONG_WAIT_MS);
        }
    };

    return {
        /** Asks for the incident soon, unless that is going to happen anyway. */
        want(changed: IncidentChanged): void {
            const reading = readings.get(changed.id);
            if (reading) {
                reading.changed = changed;
                return;
            }
            const fresh: Reading = {changed, attempt: 0};
            readings.set(changed.id, fresh);
            start(fresh, LONG_WAIT_MS);
        },

        dispose(): void {
            readings.forEach(({timer}) => window.clearTimeout(timer));
            readings.clear();
        },
    };
}
