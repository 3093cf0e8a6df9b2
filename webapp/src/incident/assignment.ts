import {IntlShape} from 'react-intl';

import {Incident, Task} from 'src/types/incident';

/** The role to which a task of an incident belongs, or `Commander`; undefined for other tasks. */
export function assignedRole({formatMessage}: Pick<IntlShape, 'formatMessage'>, {assignment}: Task, {roles}: Incident): string | undefined {
    switch (assignment?.kind) {
    case 'role':
        return roles?.roles.find(({key}) => key === assignment.role)?.name;
    case 'commander':
        return formatMessage({id: 'summary.commander', defaultMessage: 'Commander'});
    default:
        return undefined;
    }
}

/** Whether an incident has roles beside the commander. */
export const hasRoles = ({roles}: Incident) => (roles?.roles.length ?? 0) > 0;

/** Whether the playbook of an incident has assigned parts of it: the incident has roles, or a task belongs to somebody. */
export const isAssignedInAdvance = (incident: Incident) =>
    hasRoles(incident) || incident.checklists.some(({items}) => items.some(({assignment}) => assignment !== undefined));
