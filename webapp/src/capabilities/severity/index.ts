import {defineMessage} from 'react-intl';

import {Capability} from 'src/capabilities/capability';
import {levelOf} from 'src/capabilities/severity/level';
import {isValid} from 'src/capabilities/severity/problems';
import {Incident} from 'src/types/incident';

const hasLevels = ({incident: {severity}}: {incident: Incident}) => severity !== undefined && severity.levels.length > 0;

/** How severe an incident is. */
export const severity: Capability = {
    name: 'severity',
    badge: {isShown: ({incident}) => levelOf(incident) !== undefined, load: () => import(/* webpackChunkName: "severity" */ 'src/capabilities/severity/badge')},
    summaryDetails: {isShown: hasLevels, load: () => import(/* webpackChunkName: "severity" */ 'src/capabilities/severity/summary')},
    pageDetails: {isShown: hasLevels, load: () => import(/* webpackChunkName: "severity" */ 'src/capabilities/severity/page_details')},
    listColumn: {
        key: 'severity',
        title: defineMessage({id: 'severity.title', defaultMessage: 'Severity'}),
        width: 'minmax(80px, 130px)',
        isUsed: ({severity: row}) => row !== undefined,
        load: () => import(/* webpackChunkName: "severity" */ 'src/capabilities/severity/badge'),
        loadFilter: () => import(/* webpackChunkName: "severity" */ 'src/capabilities/severity/list_filter'),
    },
    describeChange: ({formatMessage}, before, after) => {
        const level = levelOf(after);
        return level && level.key !== levelOf(before)?.key ?
            formatMessage({id: 'severity.changed', defaultMessage: 'Severity: {key}, {name}'}, {key: level.key, name: level.name}) : '';
    },
    editorTab: {
        key: 'severity',
        title: defineMessage({id: 'severity.title', defaultMessage: 'Severity'}),
        load: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/severity/editor_tab'),
        isValid: ({own}) => isValid(own.severity),
    },
};
