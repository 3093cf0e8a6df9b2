import Check from '@mattermost/compass-icons/components/checkbox-marked-circle-outline';
import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {isUnknownRoute} from 'src/capabilities/followups/client';
import {followUpsPath} from 'src/capabilities/followups/paths';
import {useCounts} from 'src/capabilities/followups/store';
import {BarLink} from 'src/ui/bar_link';

/** The link to the page of follow-ups, with the number of the user's open ones. Nothing on a server that has none. */
export default function FollowUpsLink({team}: {team: string}) {
    const {formatMessage} = useIntl();
    const {counts, error} = useCounts();
    if ((!counts && !error) || isUnknownRoute(error)) {
        return null;
    }
    const mine = counts?.mine ?? 0;
    const overdue = counts?.mine_overdue ?? 0;
    return (
        <BarLink
            to={followUpsPath(team)}
            icon={Check}
            testId='followupsLHSButton'
            count={mine}
            isUrgent={overdue > 0}
            countLabel={formatMessage(
                {id: 'followups.count', defaultMessage: '{mine, plural, one {# of yours is open} other {# of yours are open}}{overdue, plural, =0 {} other {, # overdue}}'},
                {mine, overdue},
            )}
        >
            <FormattedMessage
                id='followups.label'
                defaultMessage='Follow-ups'
            />
        </BarLink>
    );
}
