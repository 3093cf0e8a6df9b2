import OpenInNew from '@mattermost/compass-icons/components/open-in-new';
import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {formatDue} from 'src/capabilities/followups/due';
import styles from 'src/capabilities/followups/followups.module.css';
import {FollowUp} from 'src/capabilities/followups/types';
import {uses24HourClock} from 'src/host/store';
import {Person} from 'src/people/person';
import {useClock} from 'src/ui/clock';
import {Icon} from 'src/ui/icon';

/** Whether a follow-up is overdue now. */
function useOverdue({state, due_at: due}: FollowUp): boolean {
    const isWaiting = state === 'open' && due > 0;
    return useClock((now) => Number(isWaiting && due < now), isWaiting) === 1;
}

/** When a follow-up is due, and whether that has passed. */
export function Due({item}: {item: FollowUp}) {
    const intl = useIntl();
    const is24Hours = useSelector(uses24HourClock);
    const isOverdue = useOverdue(item);
    if (item.due_at === 0) {
        return null;
    }
    return (
        <span className={styles.due}>
            <time dateTime={new Date(item.due_at).toISOString()}>{formatDue(intl, item.due_at, is24Hours)}</time>
            {isOverdue && (
                <span className={styles.overdue}>
                    <FormattedMessage
                        id='followups.overdue'
                        defaultMessage='Overdue'
                    />
                </span>
            )}
        </span>
    );
}

/** Who is to do it, and what is wrong with them. */
export function Owner({item, size}: {item: FollowUp; size?: number}) {
    if (!item.owner_id) {
        return (
            <span className={styles.muted}>
                <FormattedMessage
                    id='followups.nobody'
                    defaultMessage='Nobody'
                />
            </span>
        );
    }
    return (
        <span className={styles.owner}>
            <Person
                userId={item.owner_id}
                size={size}
                fallbackName={item.owner_username ? `@${item.owner_username}` : undefined}
            />
            {item.owner_state !== '' && (
                <span className={styles.lost}>
                    {item.owner_state === 'deactivated' ? (
                        <FormattedMessage
                            id='followups.deactivated'
                            defaultMessage='Deactivated'
                        />
                    ) : (
                        <FormattedMessage
                            id='followups.no_access'
                            defaultMessage='No access'
                        />
                    )}
                </span>
            )}
        </span>
    );
}

export function StateName({state}: Pick<FollowUp, 'state'>) {
    switch (state) {
    case 'done':
        return (
            <FormattedMessage
                id='followups.done'
                defaultMessage='Done'
            />
        );
    case 'dropped':
        return (
            <FormattedMessage
                id='followups.dropped'
                defaultMessage='Dropped'
            />
        );
    default:
        return (
            <FormattedMessage
                id='followups.open'
                defaultMessage='Open'
            />
        );
    }
}

/** Says that a follow-up is closed; nothing for an open one. */
export function ClosedBadge({item}: {item: FollowUp}) {
    return item.state === 'open' ? null : <span className={styles.badge}><StateName state={item.state}/></span>;
}

/** Only addresses of web pages are links: the server takes no others, but may once do so. */
const isWebPage = (link: string) => (/^https?:\/\//i).test(link);

/** Leads to the issue in a tracker. */
export function TrackerLink({item, isWhole = false}: {item: FollowUp; isWhole?: boolean}) {
    const {formatMessage} = useIntl();
    if (!isWebPage(item.link)) {
        return null;
    }
    const label = formatMessage({id: 'followups.tracker', defaultMessage: 'Issue of “{title}”, opens in a new tab'}, {title: item.title});
    return (
        <a
            href={item.link}
            className={styles.tracker}
            target='_blank'
            rel='noreferrer noopener'
            aria-label={isWhole ? undefined : label}
            title={item.link}
        >
            {isWhole ? <bdi>{item.link}</bdi> : (
                <FormattedMessage
                    id='followups.issue'
                    defaultMessage='Issue'
                />
            )}
            <Icon
                of={OpenInNew}
                size={14}
            />
        </a>
    );
}
