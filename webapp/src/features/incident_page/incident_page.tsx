import Account from '@mattermost/compass-icons/components/account-multiple-outline';
import ArrowRight from '@mattermost/compass-icons/components/arrow-right';
import Clock from '@mattermost/compass-icons/components/clock-outline';
import Send from '@mattermost/compass-icons/components/send-outline';
import React, {ReactNode} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';
import {Redirect, useParams} from 'react-router-dom';

import {capabilities} from 'src/capabilities/all';
import {getIncidentMetadata} from 'src/client/incidents';
import styles from 'src/features/incident_page/incident_page.module.css';
import {useChannelStatsPolling} from 'src/features/incident_page/use_channel_stats_polling';
import {currentTeam, HostState, teamById} from 'src/host/store';
import {pageFacts} from 'src/incident/page_fact';
import {PageSection} from 'src/incident/page_section';
import {StatusBadge} from 'src/incident/status_badge';
import {Person} from 'src/people/person';
import {useQuery} from 'src/query/client';
import {channelPath, errorPath, incidentListPath, incidentPath} from 'src/routes';
import {useIncident} from 'src/store/incidents';
import {Incident, IncidentMetadata} from 'src/types/incident';
import {Icon} from 'src/ui/icon';
import {InnerLink} from 'src/ui/inner_link';
import {GuardedPart, LazyPart, preload} from 'src/ui/lazy_page';
import {Text} from 'src/people/text';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {OptionalParts} from 'src/ui/optional_parts';
import {PageBar, UnfinishedPage} from 'src/ui/page_bar';
import {usePageTitle} from 'src/ui/page_title';
import {DateTime, Duration, isTime} from 'src/ui/time';
import {Tooltip} from 'src/ui/tooltip';

const loadTimeline = () => import(/* webpackChunkName: "timeline" */ 'src/features/incident_page/timeline');

const badges = capabilities.flatMap(({badge}) => badge ?? []);
const details = capabilities.flatMap(({pageDetails}) => pageDetails ?? []);
const actions = capabilities.flatMap(({name, pageAction: load}) => (load ? {name, load} : []));
const sections = capabilities.flatMap(({name, pageSection: load, isOffered = () => true}) => (load ? [{name, load, isOffered}] : []));
preload([...actions, ...sections].map(({load}) => load));

/** One incident: its numbers, when its tasks were completed, and its updates. */
export function IncidentPage() {
    const {id} = useParams<{id: string}>();
    const here = useSelector(currentTeam);
    const {incident, error, reload} = useIncident(id);
    const team = useSelector((state: HostState) => (incident ? teamById(state, incident.team_id) : undefined));
    const metadata = useQuery<IncidentMetadata>(['incident-metadata', id], (signal) => getIncidentMetadata(id, signal));
    useChannelStatsPolling(incident?.channel_id ?? '', metadata.reload, reload);
    const {formatMessage} = useIntl();
    const back = formatMessage({id: 'incident_page.back', defaultMessage: 'Back to the incidents'});
    usePageTitle(incident?.name ?? formatMessage({id: 'incidents.table', defaultMessage: 'Incidents'}), here?.display_name ?? '');
    if (!here) {
        return <Loading/>;
    }
    if (error && (error.isNotFound || error.status === 400)) {
        return <Redirect to={errorPath(here.name, 'incidents')}/>;
    }
    if (!incident) {
        return (
            <UnfinishedPage
                back={incidentListPath(here.name)}
                label={back}
            >
                {error ? (
                    <ErrorNotice
                        error={error}
                        onRetry={reload}
                    >
                        <FormattedMessage
                            id='incident_page.failed'
                            defaultMessage='The incident could not be loaded.'
                        />
                    </ErrorNotice>
                ) : <Loading/>}
            </UnfinishedPage>
        );
    }
    if (team && team.id !== here.id) {
        return <Redirect to={incidentPath(team.name, id)}/>;
    }
    return (
        <Page
            team={here.name}
            {...{incident, metadata, back}}
        />
    );
}

function Card({icon, title, value, foot}: {icon: Parameters<typeof Icon>[0]['of']; title: ReactNode; value: ReactNode; foot?: ReactNode}) {
    return (
        <section className={styles.card}>
            <div className={styles.cardHead}>
                <Icon of={icon}/>
                {title}
            </div>
            <div className={styles.value}>{value}</div>
            {foot}
        </section>
    );
}

function DurationCard({incident}: {incident: Incident}) {
    const {formatMessage} = useIntl();
    const hasEnd = isTime(incident.end_at);
    const end = hasEnd ? <DateTime at={incident.end_at}/> : '--';
    let value: ReactNode = '--';
    if (incident.is_active || hasEnd) {
        value = (
            <Duration
                from={incident.create_at}
                to={incident.is_active ? 0 : incident.end_at}
            />
        );
    }
    return (
        <Card
            icon={Clock}
            title={formatMessage({id: 'incident_page.duration', defaultMessage: 'Duration'})}
            value={value}
            foot={(
                <span className={styles.muted}>
                    <DateTime at={incident.create_at}/>
                    {' - '}
                    {incident.is_active ? formatMessage({id: 'status.ongoing', defaultMessage: 'Ongoing'}) : end}
                </span>
            )}
        />
    );
}

type Metadata = ReturnType<typeof useQuery<IncidentMetadata>>;

interface PageProps {
    team: string;
    incident: Incident;
    metadata: Metadata;

    /** What the way back is called. */
    back: string;
}

function Page({team, incident, metadata, back}: PageProps) {
    const {formatMessage} = useIntl();
    const {data, error} = metadata;
    return (
        <div className={styles.page}>
            <PageBar
                back={incidentListPath(team)}
                label={back}
            >
                <h1
                    className={styles.title}
                    data-testid='incident-title'
                >
                    <FormattedMessage
                        id='incident_page.title'
                        defaultMessage='Incident {name}'
                        values={{name: <bdi key='name'>{incident.name}</bdi>}}
                    />
                </h1>
                <OptionalParts
                    parts={badges}
                    props={{incident}}
                    isQuiet={true}
                />
                <StatusBadge isActive={incident.is_active}/>
                <span className={styles.commander}>
                    <FormattedMessage
                        id='incident_page.commander'
                        defaultMessage='Commander:'
                    />
                    <Person userId={incident.commander_user_id}/>
                </span>
            </PageBar>
            <div className={styles.content}>
                <div className={styles.head}>
                    <h2>
                        <FormattedMessage
                            id='incident_page.summary'
                            defaultMessage='Summary'
                        />
                    </h2>
                    {actions.map(({name, load}) => (
                        <GuardedPart
                            key={name}
                            load={load}
                            props={{incident}}
                        />
                    ))}
                </div>
                {details.some(({isShown}) => isShown({incident})) && (
                    <div className={pageFacts}>
                        <OptionalParts
                            parts={details}
                            props={{incident}}
                        />
                    </div>
                )}
                {incident.description.trim() && (
                    <PageSection>
                        <Text text={incident.description}/>
                    </PageSection>
                )}
                {error && !data && (
                    <div className={styles.cardsError}>
                        <ErrorNotice
                            error={error}
                            onRetry={metadata.reload}
                        >
                            <FormattedMessage
                                id='incident_page.metadata_failed'
                                defaultMessage='The numbers of members and messages could not be loaded.'
                            />
                        </ErrorNotice>
                    </div>
                )}
                <div className={styles.cards}>
                    <DurationCard incident={incident}/>
                    <Card
                        icon={Account}
                        title={formatMessage({id: 'incident_page.members', defaultMessage: 'Members involved'})}
                        value={(
                            <Tooltip
                                id='goToChannel'
                                text={formatMessage({id: 'incident_page.members_text', defaultMessage: 'How many people are or were in the channel of the incident, without bots.'})}
                            >
                                <span>{data?.num_members ?? '…'}</span>
                            </Tooltip>
                        )}
                    />
                    <Card
                        icon={Send}
                        title={formatMessage({id: 'incident_page.messages', defaultMessage: 'Messages'})}
                        value={data?.total_posts ?? '…'}
                        foot={data && (
                            <InnerLink
                                to={channelPath(data.team_name, data.channel_name)}
                                className={styles.link}
                            >
                                <FormattedMessage
                                    id='incident_page.jump'
                                    defaultMessage='Jump to the channel'
                                />
                                <Icon
                                    of={ArrowRight}
                                    isDirectional={true}
                                />
                            </InnerLink>
                        )}
                    />
                </div>
                <PageSection
                    title={(
                        <FormattedMessage
                            id='incident_page.timeline'
                            defaultMessage='Completed tasks'
                        />
                    )}
                >
                    <LazyPart
                        load={loadTimeline}
                        props={{incident}}
                    />
                </PageSection>
                {sections.filter(({isOffered}) => isOffered(incident)).map(({name, load}) => (
                    <GuardedPart
                        key={name}
                        load={load}
                        props={{incident}}
                    />
                ))}
            </div>
        </div>
    );
}
