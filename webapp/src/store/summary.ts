import {Incident, IncidentSummary} from 'src/types/incident';

/** What lists show of a whole incident. */
export function toSummary(incident: Incident): IncidentSummary {
    const {severity, ...rest} = incident;
    delete rest.channel;
    delete rest.roles;
    delete rest.stage_clock;
    const level = severity?.levels.find(({key}) => key === severity.key);
    return level ? {...rest, severity: {key: level.key, name: level.name, color: level.color}} : rest;
}
