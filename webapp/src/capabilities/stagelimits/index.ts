import {defineMessage} from 'react-intl';

import {Capability} from 'src/capabilities/capability';

/** How long a stage may be the current one, and what is left of that. */
export const stagelimits: Capability = {
    name: 'stagelimits',
    stageDetails: {
        isShown: ({incident: {is_active: isActive, active_stage: active, stage_clock: clock}}) => isActive && clock !== undefined && clock.due_at > 0 && clock.stage === active,
        load: () => import(/* webpackChunkName: "clock" */ 'src/capabilities/stagelimits/remaining'),
    },
    stageSetting: {
        key: 'limit',
        text: defineMessage({id: 'stagelimits.set', defaultMessage: 'Set a Time Limit'}),
        isSet: ({limitSeconds = 0}) => limitSeconds > 0,
        load: () => import(/* webpackChunkName: "backstage" */ 'src/capabilities/stagelimits/setting'),
    },
};
