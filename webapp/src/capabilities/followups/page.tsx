import React, {ReactNode, useEffect, useRef} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {Actions, DoneBox, ItemMenu, Title, useActions} from 'src/capabilities/followups/actions';
import {isUnknownRoute} from 'src/capabilities/followups/client';
import {FilterBar, Filters, View, VIEWS} from 'src/capabilities/followups/filters';
import styles from 'src/capabilities/followups/followups.module.css';
import {ClosedBadge, Due, Owner, TrackerLink} from 'src/capabilities/followups/parts';
import {useFollowUpPage} from 'src/capabilities/followups/store';
import {FollowUp, FollowUpQuery, FollowUpSort} from 'src/capabilities/followups/types';
import {useKeptFocus} from 'src/capabilities/followups/use_kept_focus';
import {currentTeam, currentTeamName, HostState, teamById} from 'src/host/store';
import {useKeepPrevious} from 'src/query/use_keep_previous';
import {useLookAgain} from 'src/query/use_look_again';
import {incidentPath} from 'src/routes';
import {ErrorNotice, EmptyState, Loading} from 'src/ui/notice';
import {InnerLink} from 'src/ui/inner_link';
import {usePageTitle} from 'src/ui/page_title';
import {Cell, Column, CutText, Pager, Row, Table} from 'src/ui/table';
import {oneOf, pageOf, useUrlQuery} from 'src/ui/url_query';

const PER_PAGE = 20;
const WIDTHS = 'minmax(0, 2.2fr) minmax(0, 1.3fr) minmax(0, 1.2fr) minmax(110px, 1fr) 32px';
const ID = /^[a-z0-9]{26}$/i;

const viewQuery: Record<View, Partial<FollowUpQuery>> = {open: {state: 'open'}, overdue: {overdue: true}, done: {state: 'done'}, dropped: {state: 'dropped'}, all: {}};
const idOf = (query: URLSearchParams, name: string) => {
    const id = query.get(name) ?? '';
    return ID.test(id) ? id.toLowerCase() : '';
};

/** What is to be done after all incidents that the user may see, of all teams. */
export default function FollowUpsPage() {
    const {formatMessage} = useIntl();
    const team = useSelector(currentTeam);
    const [query, setQuery] = useUrlQuery();
    const sort = oneOf<FollowUpSort>(query, 'sort', ['due_at', 'title', 'incident', 'state', 'create_at', 'update_at', 'number']);
    const direction = oneOf(query, 'direction', ['asc', 'desc']);
    const filters: Filters = {view: oneOf<View>(query, 'view', VIEWS), mine: query.get('mine') === 'true', team: idOf(query, 'team'), playbook: idOf(query, 'playbook')};
    const page = pageOf(query);
    const heading = formatMessage({id: 'followups.label', defaultMessage: 'Follow-ups'});
    usePageTitle(heading, team?.display_name ?? '');

    const {data: answer, error, isFetching, reload} = useFollowUpPage({
        ...viewQuery[filters.view],
        mine: filters.mine || undefined,
        team_id: filters.team || undefined,
        playbook_id: filters.playbook || undefined,
        sort,
        direction,
        page,
        per_page: PER_PAGE,
    });
    const data = useKeepPrevious(answer);

    // Of incidents in whose channels the user is not no event tells.
    useLookAgain(true, reload);
    const {actions, shown} = useActions(data?.items ?? []);
    const list = useRef<HTMLDivElement>(null);
    const keptFocus = useKeptFocus(list);
    useEffect(() => {
        if (answer && answer.items.length === 0 && page > 0) {
            setQuery({page: answer.page_count > 1 && answer.page_count <= page ? String(answer.page_count) : undefined});
        }
    }, [answer, page, setQuery]);
    const choose = (chosen: Partial<Filters>) => {
        const {view, mine, team: teamId, playbook} = {...filters, ...chosen};
        setQuery({view: view === 'open' ? undefined : view, mine: mine ? 'true' : undefined, team: teamId, playbook, page: undefined});
    };

    const columns: Array<Column<FollowUpSort>> = [
        {key: 'title', sort: 'title', text: formatMessage({id: 'followups.title', defaultMessage: 'What is to be done'})},
        {key: 'incident', sort: 'incident', text: formatMessage({id: 'followups.incident', defaultMessage: 'Incident'})},
        {key: 'owner', text: formatMessage({id: 'followups.owner', defaultMessage: 'Owner'})},
        {key: 'due', sort: 'due_at', text: formatMessage({id: 'followups.due', defaultMessage: 'Due'})},
    ];
    const failure = error && (
        <ErrorNotice
            error={isUnknownRoute(error) ? undefined : error}
            onRetry={reload}
        >
            {isUnknownRoute(error) ? (
                <FormattedMessage
                    id='followups.unknown'
                    defaultMessage='This server has no follow-ups. Ask your administrator to update the plugin.'
                />
            ) : (
                <FormattedMessage
                    id='followups.failed'
                    defaultMessage='The follow-ups could not be loaded.'
                />
            )}
        </ErrorNotice>
    );
    let content: ReactNode = failure ?? <Loading/>;
    if (data) {
        const {open, done, dropped} = data.counts;
        const isFirst = open + done + dropped === 0 && !filters.team && !filters.playbook;
        content = isFirst ? <Explained/> : (
            <>
                {failure}
                {shown}
                <FilterBar
                    filters={filters}
                    onChange={choose}
                    counts={data.counts}
                />
                <div
                    ref={list}
                    role='group'
                    aria-label={heading}
                    className={styles.table}
                    tabIndex={-1}
                    {...keptFocus}
                >
                    <Table
                        label={heading}
                        columns={columns}
                        widths={WIDTHS}
                        sort={sort}
                        direction={direction}
                        onSort={(key, to) => setQuery({sort: key === 'due_at' ? undefined : key, direction: to === 'asc' ? undefined : to, page: undefined})}
                        isBusy={isFetching}
                    >
                        {data.items.map((item) => (
                            <ItemRow
                                key={item.id}
                                item={item}
                                actions={actions}
                            />
                        ))}
                    </Table>
                    {data.items.length === 0 && (
                        <div className={styles.none}>
                            <FormattedMessage
                                id='followups.no_hit'
                                defaultMessage='No follow-up matches these filters.'
                            />
                        </div>
                    )}
                </div>
                <Pager
                    page={page}
                    perPage={PER_PAGE}
                    total={data.total_count}
                    hasMore={data.has_more}
                    onPage={(to) => setQuery({page: to > 0 ? String(to + 1) : undefined})}
                />
            </>
        );
    }
    return (
        <div
            className={styles.page}
            data-testid='followups-page'
        >
            <h1 data-testid='titleFollowups'>{heading}</h1>
            {content}
        </div>
    );
}

/** What follow-ups are, for somebody who sees none. */
function Explained() {
    return (
        <EmptyState
            data-testid='no-followups'
            title={(
                <FormattedMessage
                    id='followups.none_title'
                    defaultMessage='Nothing is left to do'
                />
            )}
        >
            <p>
                <FormattedMessage
                    id='followups.none_text'
                    defaultMessage='A follow-up is something to do after an incident, so that it does not happen again. Add some on the page of an incident: each can have an owner, who is reminded when it is due, and a link to an issue.'
                />
            </p>
        </EmptyState>
    );
}

function ItemRow({item, actions}: {item: FollowUp; actions: Actions}) {
    const {formatMessage} = useIntl();
    const team = useSelector((state: HostState) => teamById(state, item.team_id)?.name ?? currentTeamName(state));
    return (
        <div
            role='presentation'
            data-followup={item.id}
            data-testid='followup'
        >
            <Row widths={WIDTHS}>
                <Cell>
                    <span className={styles.main}>
                        <DoneBox {...{item, actions}}/>
                        <span className={styles.body}>
                            <Title {...{item, actions}}/>
                            <span className={styles.meta}>
                                <ClosedBadge item={item}/>
                                <TrackerLink item={item}/>
                            </span>
                        </span>
                    </span>
                </Cell>
                <Cell column={formatMessage({id: 'followups.incident', defaultMessage: 'Incident'})}>
                    <InnerLink
                        to={incidentPath(team, item.incident_id)}
                        className={styles.incident}
                    >
                        <CutText text={item.incident_name}/>
                    </InnerLink>
                </Cell>
                <Cell>
                    <Owner
                        item={item}
                        size={24}
                    />
                </Cell>
                <Cell column={item.due_at > 0 ? formatMessage({id: 'followups.due', defaultMessage: 'Due'}) : undefined}><Due item={item}/></Cell>
                <Cell className={styles.menuCell}><ItemMenu {...{item, actions}}/></Cell>
            </Row>
        </div>
    );
}
