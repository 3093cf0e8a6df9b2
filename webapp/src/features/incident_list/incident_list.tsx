import React, {useEffect, useMemo, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector, useStore} from 'react-redux';

import {capabilities} from 'src/capabilities/all';
import {ListColumn} from 'src/capabilities/capability';
import {commandersOf} from 'src/features/incident_list/commander_source';
import styles from 'src/features/incident_list/incident_list.module.css';
import {NoIncidents} from 'src/features/incident_list/no_incidents';
import {StatusFilter} from 'src/features/incident_list/status_filter';
import {addedFilters, addedSorts, useColumns} from 'src/features/incident_list/use_columns';
import {currentTeam, HostState} from 'src/host/store';
import {Person} from 'src/people/person';
import {StatusBadge} from 'src/incident/status_badge';
import {UserSelector} from 'src/people/user_selector';
import {useKeepPrevious} from 'src/query/use_keep_previous';
import {incidentPath} from 'src/routes';
import {useIncidentPage} from 'src/store/incident_lists';
import {Team} from 'src/types/host_rest';
import {IncidentSort, IncidentStatus, IncidentSummary} from 'src/types/incident';
import {LIMITS} from 'src/types/limits';
import {InnerLink} from 'src/ui/inner_link';
import {classes} from 'src/ui/classes';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {QuietPart} from 'src/ui/lazy_page';
import {OptionalParts} from 'src/ui/optional_parts';
import {usePageTitle} from 'src/ui/page_title';
import {Cell, Column, CutText, Pager, Row, Table} from 'src/ui/table';
import {DateTime, isTime} from 'src/ui/time';
import {oneOf, pageOf, QueryChange, useUrlQuery} from 'src/ui/url_query';
import {useDebounced} from 'src/ui/use_debounced';

const NO_ROWS: IncidentSummary[] = [];
const PER_PAGE = 15;
const SEARCH_DELAY = 300;
const details = capabilities.flatMap(({rowDetails}) => rowDetails ?? []);

/** Widths of the columns, with those of capabilities after the status. */
const widthsWith = (added: ListColumn[]) =>
    ['minmax(0, 2fr) 100px', ...added.map(({width}) => width), 'minmax(120px, 1fr) minmax(120px, 1fr) minmax(0, 1.2fr)'].join(' ');

/** The incidents of the current team that the user may see. */
export function IncidentList() {
    const team = useSelector(currentTeam);
    return team ? (
        <List
            key={team.id}
            team={team}
        />
    ) : <Loading/>;
}

/** What is typed goes into the URL after a while; only the term waits, the other filters are those of that moment. */
function useSearch(term: string, setQuery: (change: QueryChange) => void) {
    const [typed, setTyped] = useState(term);
    const settled = useDebounced(typed.trim(), SEARCH_DELAY);
    const latest = useRef(term);
    latest.current = term;

    /** The term that the URL has from here; another one comes from a link or from going back, and is shown. */
    const own = useRef(term);
    useEffect(() => {
        if (term !== own.current) {
            own.current = term;
            setTyped(term);
        }
    }, [term]);
    useEffect(() => {
        if (settled === typed.trim() && settled !== latest.current) {
            own.current = settled;
            setQuery({search: settled, page: undefined});
        }
    }, [settled, typed, setQuery]);
    return {typed, setTyped};
}

function List({team}: {team: Team}) {
    const {formatMessage} = useIntl();
    const store = useStore<HostState>();
    const [query, setQuery] = useUrlQuery();
    const sort = oneOf<IncidentSort>(query, 'sort', ['create_at', 'name', 'is_active', 'end_at', ...addedSorts]);
    const filters = addedFilters(query);
    const direction = oneOf(query, 'direction', ['desc', 'asc']);
    const status = oneOf<IncidentStatus>(query, 'status', ['all', 'active', 'ended']);
    const commander = query.get('commander') ?? '';
    const term = query.get('search') ?? '';
    const page = pageOf(query);
    const {typed, setTyped} = useSearch(term, setQuery);
    usePageTitle(formatMessage({id: 'incidents.table', defaultMessage: 'Incidents'}), team.display_name);

    const {data: answer, error, isFetching, reload} = useIncidentPage({
        team_id: team.id,
        page,
        per_page: PER_PAGE,
        sort,
        direction,
        search_term: term,
        status: status === 'all' ? undefined : status,
        commander_user_id: commander,
        ...filters,
    });
    const data = useKeepPrevious(answer);
    const added = useColumns(data?.items ?? NO_ROWS, query);
    const widths = widthsWith(added);
    useEffect(() => {
        if (answer && answer.items.length === 0 && page > 0) {
            setQuery({page: answer.page_count > 1 && answer.page_count <= page ? String(answer.page_count) : undefined});
        }
    }, [answer, page, setQuery]);

    const commanders = useMemo(() => commandersOf(store, team.id), [store, team.id]);
    const hasFilters = Boolean(term || commander || typed.trim()) || status !== 'all' || Object.values(filters).some(Boolean);
    const columns: Array<Column<IncidentSort>> = [
        {key: 'name', sort: 'name', text: formatMessage({id: 'incidents.name', defaultMessage: 'Name'})},
        {key: 'status', sort: 'is_active', text: formatMessage({id: 'incidents.status', defaultMessage: 'Status'})},
        ...added.map(({key, title}) => ({key, sort: key, text: formatMessage(title)})),
        {key: 'start', sort: 'create_at', first: 'desc', text: formatMessage({id: 'incidents.start', defaultMessage: 'Start Time'})},
        {key: 'end', sort: 'end_at', first: 'desc', text: formatMessage({id: 'incidents.end', defaultMessage: 'End Time'})},
        {key: 'commander', text: formatMessage({id: 'incidents.commander', defaultMessage: 'Commander'})},
    ];
    const failure = error && (
        <ErrorNotice
            error={error}
            onRetry={reload}
        >
            <FormattedMessage
                id='incidents.failed'
                defaultMessage='The incidents could not be loaded.'
            />
        </ErrorNotice>
    );
    if (!data) {
        return <div className={classes(styles.page, styles.unfinished)}>{failure ?? <Loading/>}</div>;
    }
    if (answer?.total_count === 0 && !hasFilters && page === 0) {
        return <NoIncidents team={team.name}/>;
    }
    const search = formatMessage({id: 'incidents.search', defaultMessage: 'Search by incident name'});
    return (
        <div className={styles.page}>
            <h1 data-testid='titleIncident'>
                <FormattedMessage
                    id='incidents.title'
                    defaultMessage='Incidents ({team})'
                    values={{team: <bdi key='name'>{team.display_name}</bdi>}}
                />
            </h1>
            {failure}
            <div id='incidentList'>
                <div className={styles.filters}>
                    <input
                        type='text'
                        className={styles.search}
                        aria-label={search}
                        placeholder={search}
                        maxLength={LIMITS.searchTerm}
                        value={typed}
                        onChange={(event) => setTyped(event.target.value)}
                    />
                    <span className={`profile-dropdown ${styles.filter}`}>
                        <UserSelector
                            label={formatMessage({id: 'incidents.commander', defaultMessage: 'Commander'})}
                            userId={commander}
                            source={commanders}
                            nobody={formatMessage({id: 'incidents.commander', defaultMessage: 'Commander'})}
                            onChoose={({id}) => setQuery({commander: id, page: undefined})}
                            reset={{
                                text: formatMessage({id: 'incidents.reset_commander', defaultMessage: 'All commanders'}),
                                onReset: () => setQuery({commander: undefined, page: undefined}),
                            }}
                        />
                    </span>
                    <StatusFilter
                        value={status}
                        onChoose={(chosen) => setQuery({status: chosen === 'all' ? undefined : chosen, page: undefined})}
                    />
                    {added.map(({key, loadFilter}) => (
                        <QuietPart
                            key={key}
                            load={loadFilter}
                            props={{
                                teamId: team.id,
                                rows: data.items,
                                value: filters[key] ?? '',
                                onChange: (value) => setQuery({[key]: value, page: undefined}),
                            }}
                        />
                    ))}
                </div>
                <Table
                    label={formatMessage({id: 'incidents.table', defaultMessage: 'Incidents'})}
                    columns={columns}
                    widths={widths}
                    sort={sort}
                    direction={direction}
                    onSort={(key, to) => setQuery({sort: key, direction: to, page: undefined})}
                    isBusy={isFetching}
                >
                    {data.items.map((incident) => (
                        <IncidentRow
                            key={incident.id}
                            team={team.name}
                            incident={incident}
                            {...{added, widths}}
                        />
                    ))}
                </Table>
                {data.items.length === 0 && (
                    <div className={styles.none}>
                        <FormattedMessage
                            id='incidents.no_hit'
                            defaultMessage='No incident of <i>{team}</i> matches these filters.'
                            values={{team: <bdi key='name'>{team.display_name}</bdi>, i: (chunks) => <em key='team'>{chunks}</em>}}
                        />
                    </div>
                )}
                <Pager
                    page={page}
                    perPage={PER_PAGE}
                    total={data.total_count}
                    hasMore={data.has_more}
                    onPage={(to) => setQuery({page: to > 0 ? String(to + 1) : undefined})}
                />
            </div>
        </div>
    );
}

function IncidentRow({team, incident, added, widths}: {team: string; incident: IncidentSummary; added: ListColumn[]; widths: string}) {
    const {formatMessage} = useIntl();
    return (
        <Row
            widths={widths}
            className='incident-item'
        >
            <Cell>
                <InnerLink
                    to={incidentPath(team, incident.id)}
                    className={styles.open}
                >
                    <CutText text={incident.name}/>
                </InnerLink>
                <OptionalParts
                    parts={details}
                    props={{incident}}
                    isQuiet={true}
                />
            </Cell>
            <Cell><StatusBadge isActive={incident.is_active}/></Cell>
            {added.map(({key, load}) => (
                <Cell key={key}>
                    <QuietPart
                        load={load}
                        props={{incident}}
                    />
                </Cell>
            ))}
            <Cell column={formatMessage({id: 'incidents.start', defaultMessage: 'Start Time'})}>{isTime(incident.create_at) ? <DateTime at={incident.create_at}/> : '--'}</Cell>
            <Cell column={formatMessage({id: 'incidents.end', defaultMessage: 'End Time'})}>{!incident.is_active && isTime(incident.end_at) ? <DateTime at={incident.end_at}/> : '--'}</Cell>
            <Cell>
                <Person
                    userId={incident.commander_user_id}
                    size={32}
                />
            </Cell>
        </Row>
    );
}
