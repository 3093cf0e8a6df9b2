import Plus from '@mattermost/compass-icons/components/plus';
import React, {useEffect, useRef} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useDispatch, useStore} from 'react-redux';

import {IncidentCard} from 'src/features/incident_sidebar/incident_card';
import styles from 'src/features/incident_sidebar/list.module.css';
import {Welcome} from 'src/features/incident_sidebar/welcome';
import {channelById, HostState, teamById} from 'src/host/store';
import {navigate} from 'src/host/window';
import {useAction} from 'src/query/use_action';
import {channelPath, incidentListPath, playbookListPath} from 'src/routes';
import {startIncident} from 'src/store/commands';
import {useIncidentList} from 'src/store/my_incidents';
import {askForList} from 'src/state/reducer';
import {IncidentRow} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {InnerLink} from 'src/ui/inner_link';
import {announce} from 'src/ui/live_region';
import {DotsMenu} from 'src/ui/menu';
import {ErrorNotice, Loading} from 'src/ui/notice';

interface Props {
    teamId: string;
    teamName: string;
    currentChannelId: string;
}

/** Tells people who cannot see it which incident comes into the list or leaves it. */
function useAnnounceList(incidents: IncidentRow[], isLoading: boolean): void {
    const {formatMessage} = useIntl();
    const last = useRef<IncidentRow[]>();
    useEffect(() => {
        const before = last.current;
        last.current = isLoading ? undefined : incidents;
        if (!before || isLoading) {
            return;
        }
        const missing = (from: IncidentRow[], among: IncidentRow[]) => from.find((one) => among.every(({id}) => id !== one.id));
        const [came, gone] = [missing(incidents, before), missing(before, incidents)];
        if (came) {
            announce(formatMessage({id: 'live.listed', defaultMessage: 'New in the list: {name}'}, {name: came.name}));
        } else if (gone) {
            announce(formatMessage({id: 'live.unlisted', defaultMessage: 'No longer in the list: {name}'}, {name: gone.name}));
        }
    }, [incidents, isLoading, formatMessage]);
}

/** My ongoing incidents of the current team, or what to do when there are none. */
export function IncidentList({teamId, teamName, currentChannelId}: Props) {
    const {formatMessage} = useIntl();
    const dispatch = useDispatch();
    const store = useStore<HostState>();
    const start = useAction(() => startIncident(store));
    const {incidents, error, isLoading, reload} = useIncidentList(teamId);
    useAnnounceList(incidents, isLoading);

    const failure = start.error && (
        <ErrorNotice
            error={start.error}
            onDismiss={start.clear}
        >
            <FormattedMessage
                id='start.dialog_failed'
                defaultMessage='The dialog to start an incident could not be opened.'
            />
        </ErrorNotice>
    );
    const loadFailure = error && (
        <ErrorNotice
            error={error}
            onRetry={reload}
        >
            <FormattedMessage
                id='sidebar.list_failed'
                defaultMessage='Your incidents could not be loaded.'
            />
        </ErrorNotice>
    );
    if (incidents.length === 0) {
        return (
            <div className={`scrollbar--view ${styles.scroll}`}>
                {failure}
                {loadFailure}
                {isLoading && <Loading/>}
                {!isLoading && !error && (
                    <Welcome
                        teamId={teamId}
                        teamName={teamName}
                        onStart={() => void start.run()}
                        isStarting={start.busy}
                    />
                )}
            </div>
        );
    }
    return (
        <div
            className={`scrollbar--view ${styles.scroll}`}
            data-testid='incident-rhs-list'
        >
            <div className={styles.head}>
                <Button
                    kind='quiet'
                    className={styles.start}
                    busy={start.busy}
                    onClick={() => void start.run()}
                >
                    <Icon
                        id='incidentRHSIconPlus'
                        of={Plus}
                        size={18}
                    />
                    <FormattedMessage
                        id='start.button'
                        defaultMessage='Start Incident'
                    />
                </Button>
                <DotsMenu
                    label={formatMessage({id: 'sidebar.list_menu', defaultMessage: 'More about incidents'})}
                    entries={[
                        {
                            key: 'create',
                            text: formatMessage({id: 'sidebar.create_playbook', defaultMessage: 'Create Playbook'}),
                            onChoose: () => navigate(playbookListPath(teamName)),
                        },
                        {
                            key: 'all',
                            text: formatMessage({id: 'sidebar.all_incidents', defaultMessage: 'See All Incidents'}),
                            onChoose: () => navigate(incidentListPath(teamName)),
                            'data-testid': 'see-all-incidents',
                        },
                    ]}
                />
            </div>
            {failure}
            {loadFailure}
            <ul className={styles.list}>
                {incidents.map((incident) => (
                    <IncidentCard
                        key={incident.id}
                        incident={incident}
                        isCurrent={incident.channel_id === currentChannelId}
                        onGo={() => {
                            // Elsewhere the incident of this channel would come up until the other is current.
                            if (incident.channel_id === currentChannelId) {
                                dispatch(askForList(''));
                            }
                            const state = store.getState();
                            const itsTeam = teamById(state, channelById(state, incident.channel_id)?.team_id ?? '');
                            navigate(channelPath(itsTeam?.name ?? teamName, incident.channel_id));
                        }}
                    />
                ))}
            </ul>
            <p className={styles.foot}>
                <FormattedMessage
                    id='sidebar.closed_hint'
                    defaultMessage='Looking for incidents that have ended? <link>Click here</link>'
                    values={{
                        link: (text) => (
                            <InnerLink
                                key='link'
                                className={styles.footLink}
                                to={incidentListPath(teamName)}
                            >
                                {text}
                            </InnerLink>
                        ),
                    }}
                />
            </p>
        </div>
    );
}
