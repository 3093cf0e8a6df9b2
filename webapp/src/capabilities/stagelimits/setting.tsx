import React from 'react';
import {useIntl} from 'react-intl';

import {StageSettingProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/stagelimits/stagelimits.module.css';
import {DurationSelect} from 'src/ui/duration_select';

/** The time limit of a stage in the playbook editor. */
export default function LimitSetting({stage, dispatch, isNew}: StageSettingProps) {
    const {formatMessage} = useIntl();
    return (
        <div className={styles.setting}>
            <DurationSelect
                label={formatMessage({id: 'stagelimits.label', defaultMessage: 'Time limit of {stage}'}, {stage: stage.title})}
                none={formatMessage({id: 'stagelimits.none', defaultMessage: 'No limit'})}
                value={stage.limitSeconds ?? 0}
                autoFocus={isNew}
                onChange={(seconds) => dispatch({type: 'limit_stage', stage: stage.key, seconds})}
            />
        </div>
    );
}
