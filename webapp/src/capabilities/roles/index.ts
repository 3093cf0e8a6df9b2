import {defineMessage, IntlShape} from 'react-intl';

import {Capability} from 'src/capabilities/capability';
import {areValid} from 'src/capabilities/roles/valid';
import {watched} from 'src/capabilities/roles/watched';
import {hasRoles} from 'src/incident/assignment';
import {Incident} from 'src/types/incident';

/** Which role has another holder; '' when none has. */
function describeChange(intl: IntlShape, before: Incident, after: Incident): string {
    const changed = after.roles?.roles.find(({key, holder_id: holder}) => before.roles?.roles.some((old) => old.key === key && old.holder_id !== holder));
    return changed ? intl.formatMessage({id: 'live.role', defaultMessage: 'The role {role} has changed'}, {role: changed.name}) : '';
}

/** While an offer of command is pending, and after it as long as how it ended is to be told. */
const hasOffer = ({incident}: {incident: Incident}) => incident.roles?.handoff !== undefined || watched.has(incident.id);

/** Roles of an incident beside the commander, who has them, and the handoff of command. */
export const roles: Capability = {
    name: 'roles',
    isOffered: hasRoles,
    describeChange,
    sidebarHead: {
        isShown: hasOffer,
        load: () => import(/* webpackChunkName: "roles" */ 'src/capabilities/roles/for_receiver'),
    },
    summaryDetails: {
        isShown: ({incident}) => incident.roles !== undefined || watched.has(incident.id),
        load: () => import(/* webpackChunkName: "roles" */ 'src/capabilities/roles/below_commander'),
    },
    commanderAction: {
        key: 'hand-over',
        text: defineMessage({id: 'handoff.open', defaultMessage: 'Hand over command…'}),

        // Servers before 2.0.0 have no revisions, and no handoff.
        isOffered: ({is_active: isActive, revision, commander_user_id: commander, roles: own}, user) =>
            isActive && typeof revision === 'number' && !own?.handoff && (user.id === commander || user.isAdministrator),
        load: () => import(/* webpackChunkName: "roles" */ 'src/capabilities/roles/handoff_dialog'),
    },
    pageSection: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/roles/page_section'),
    editorTab: {
        key: 'roles',
        title: defineMessage({id: 'roles.title', defaultMessage: 'Roles'}),
        load: () => import(/* webpackChunkName: "roles-editor" */ 'src/capabilities/roles/editor_tab'),
        isValid: ({own}) => areValid(own.roles ?? []),
    },
    taskSetting: {
        key: 'assignment',
        text: defineMessage({id: 'roles.assign', defaultMessage: 'Assign in Advance'}),
        isShown: ({assignment}, {roles: own = []}) => assignment !== undefined || own.length > 0,
        load: () => import(/* webpackChunkName: "roles-editor" */ 'src/capabilities/roles/task_assignment'),
    },
};
