import {IntlShape} from 'react-intl';

import {PlaybookSeverity} from 'src/types/severity';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Four levels that suit most teams, in the language of the user. */
export function usualLevels({formatMessage}: IntlShape): PlaybookSeverity {
    return {
        levels: [
            {
                key: 'SEV1',
                name: formatMessage({id: 'levels.sev1', defaultMessage: 'Critical'}),
                description: formatMessage({id: 'levels.sev1_text', defaultMessage: 'Customers cannot work, or data is lost or at risk.'}),
                color: 'red',
                update_seconds: 30 * MINUTE,
            },
            {
                key: 'SEV2',
                name: formatMessage({id: 'levels.sev2', defaultMessage: 'High'}),
                description: formatMessage({id: 'levels.sev2_text', defaultMessage: 'An important part does not work or is much too slow, and there is no way around it.'}),
                color: 'orange',
                update_seconds: HOUR,
            },
            {
                key: 'SEV3',
                name: formatMessage({id: 'levels.sev3', defaultMessage: 'Medium'}),
                description: formatMessage({id: 'levels.sev3_text', defaultMessage: 'Something does not work for some customers, or there is a way around it.'}),
                color: 'yellow',
                update_seconds: 4 * HOUR,
            },
            {
                key: 'SEV4',
                name: formatMessage({id: 'levels.sev4', defaultMessage: 'Low'}),
                description: formatMessage({id: 'levels.sev4_text', defaultMessage: 'A small fault that hardly anybody notices.'}),
                color: 'blue',
                update_seconds: 24 * HOUR,
            },
        ],
        default: 'SEV3',
    };
}
