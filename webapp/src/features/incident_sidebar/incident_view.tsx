import React, {useEffect, useRef} from 'react';
import {FormattedMessage, IntlShape, useIntl} from 'react-intl';
import {useDispatch, useSelector} from 'react-redux';

import {capabilities} from 'src/capabilities/all';
import {BadgeLine} from 'src/features/incident_sidebar/badges';
import styles from 'src/features/incident_sidebar/sidebar.module.css';
import {SummaryTab} from 'src/features/incident_sidebar/summary_tab';
import {TasksTab} from 'src/features/incident_sidebar/tasks_tab';
import {HostState} from 'src/host/store';
import {finishedTasks} from 'src/incident/progress';
import {chooseTab, keepTab, tabOf} from 'src/state/reducer';
import {useIncidentOfChannel} from 'src/store/incidents';
import {Incident} from 'src/types/incident';
import {GuardedPart} from 'src/ui/lazy_page';
import {announce} from 'src/ui/live_region';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {OptionalParts} from 'src/ui/optional_parts';
import {Tabs} from 'src/ui/tabs';

const withTab = capabilities.flatMap(({sidebarTab, isOffered = () => true}) => (sidebarTab ? [{...sidebarTab, isOffered}] : []));

const heads = capabilities.flatMap(({sidebarHead}) => sidebarHead ?? []);

/** What to tell people who cannot see that the incident has changed; '' when it is nothing of weight. */
export function describeChange(intl: IntlShape, before: Incident, after: Incident): string {
    if (before.is_active !== after.is_active) {
        return after.is_active ?
            intl.formatMessage({id: 'live.restarted', defaultMessage: 'The incident was restarted'}) :
            intl.formatMessage({id: 'live.ended', defaultMessage: 'The incident has ended'});
    }
    if (before.active_stage !== after.active_stage) {
        return intl.formatMessage({id: 'live.stage', defaultMessage: 'Current stage: {title}'}, {title: after.active_stage_title});
    }
    if (before.status_post_ids.length < after.status_post_ids.length) {
        return intl.formatMessage({id: 'live.update', defaultMessage: 'There is a new status update'});
    }
    if (before.commander_user_id !== after.commander_user_id) {
        return intl.formatMessage({id: 'live.commander', defaultMessage: 'The commander has changed'});
    }
    const [added] = capabilities.flatMap((one) => one.describeChange?.(intl, before, after) || []);
    if (added) {
        return added;
    }
    const count = (incident: Incident) => incident.checklists.reduce((sum, stage) => sum + finishedTasks(stage), 0);
    if (count(before) !== count(after)) {
        const total = after.checklists.reduce((sum, {items}) => sum + items.length, 0);
        return intl.formatMessage({id: 'live.tasks', defaultMessage: '{done} of {total} tasks finished'}, {done: count(after), total});
    }
    return '';
}

function useAnnounceChanges(incident: Incident | undefined): void {
    const intl = useIntl();
    const last = useRef<Incident>();
    useEffect(() => {
        const before = last.current;
        last.current = incident;
        if (before && incident && before !== incident) {
            const text = describeChange(intl, before, incident);
            if (text) {
                announce(text);
            }
        }
    }, [incident, intl]);
}

/** The incident of the current channel. */
export function IncidentView({channelId}: {channelId: string}) {
    const {formatMessage} = useIntl();
    const dispatch = useDispatch();
    const chosen = useSelector((state: HostState) => tabOf(state, channelId));
    const {incident, error, reload} = useIncidentOfChannel(channelId);
    useAnnounceChanges(incident);
    if (!incident) {
        return (
            <div className={`scrollbar--view ${styles.scroll}`}>
                {error ? (
                    <ErrorNotice
                        error={error}
                        onRetry={reload}
                    >
                        <FormattedMessage
                            id='incident.failed'
                            defaultMessage='The incident could not be loaded.'
                        />
                    </ErrorNotice>
                ) : <Loading/>}
            </div>
        );
    }
    const added = withTab.filter(({isOffered}) => isOffered(incident));
    let tab = 'summary';
    let body = <SummaryTab incident={incident}/>;
    const part = added.find(({key}) => key === chosen);
    if (part) {
        tab = part.key;
        body = (
            <GuardedPart
                key={tab}
                load={part.load}
                props={{incident}}
            />
        );
    } else if (chosen === 'tasks') {
        tab = chosen;
        body = <TasksTab incident={incident}/>;
    }
    return (
        <>
            <BadgeLine incident={incident}/>
            <OptionalParts
                parts={heads}
                props={{incident}}
            />
            <Tabs
                label={formatMessage({id: 'incident.tabs', defaultMessage: 'Parts of the incident'})}
                active={tab}
                onChoose={(key) => {
                    dispatch(chooseTab(channelId, key));
                    keepTab(channelId, key);
                }}
                className={styles.panel}
                tabs={[
                    {key: 'summary', testId: 'summary', text: formatMessage({id: 'incident.summary', defaultMessage: 'Summary'})},
                    {key: 'tasks', testId: 'tasks', text: formatMessage({id: 'incident.tasks', defaultMessage: 'Tasks'})},
                    ...added.map(({key, title}) => ({key, testId: key, text: formatMessage(title)})),
                ]}
            >
                {error && (
                    <ErrorNotice
                        error={error}
                        onRetry={reload}
                    >
                        <FormattedMessage
                            id='incident.stale'
                            defaultMessage='The incident could not be refreshed.'
                        />
                    </ErrorNotice>
                )}
                {body}
            </Tabs>
        </>
    );
}
