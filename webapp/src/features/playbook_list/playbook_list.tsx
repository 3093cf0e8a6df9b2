import React, {ReactNode, useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';
import {useHistory} from 'react-router-dom';

import {deletePlaybook, listPlaybooks} from 'src/client/playbooks';
import {useLeaving} from 'src/features/playbook_list/leave_playbook';
import styles from 'src/features/playbook_list/playbook_list.module.css';
import {MayNotCreate, NoPlaybooks} from 'src/features/playbook_list/no_playbooks';
import {Templates} from 'src/features/playbook_list/templates';
import {currentTeam} from 'src/host/store';
import {useQuery} from 'src/query/client';
import {useAction} from 'src/query/use_action';
import {useKeepPrevious} from 'src/query/use_keep_previous';
import {newPlaybookPath, playbookPath} from 'src/routes';
import {PLAYBOOKS, refreshPlaybooks} from 'src/store/playbooks';
import {Team} from 'src/types/host_rest';
import {Playbook} from 'src/types/playbook';
import {InnerLink} from 'src/ui/inner_link';
import {DotsMenu} from 'src/ui/menu';
import {Confirm} from 'src/ui/modal';
import {Banner, ErrorNotice, Loading} from 'src/ui/notice';
import {usePageTitle} from 'src/ui/page_title';
import {Cell, Column, CutText, Pager, Row, Table} from 'src/ui/table';
import {oneOf, pageOf, useUrlQuery} from 'src/ui/url_query';

const PER_PAGE = 15;
const BANNER_MS = 5000;
const WIDTHS = 'minmax(0, 1fr) 90px 90px 90px';

type Sort = 'title' | 'stages' | 'steps';

/** The playbooks of the current team that the user may see. */
export function PlaybookList() {
    const team = useSelector(currentTeam);
    return team ? (
        <List
            key={team.id}
            team={team}
        />
    ) : <Loading/>;
}

function useBanner() {
    const [text, setText] = useState<ReactNode>();
    const timer = useRef<number>();
    useEffect(() => () => window.clearTimeout(timer.current), []);
    const tell = (what: ReactNode) => {
        window.clearTimeout(timer.current);
        setText(what);
        timer.current = window.setTimeout(() => setText(undefined), BANNER_MS);
    };
    return {text, tell};
}

function List({team}: {team: Team}) {
    const {formatMessage} = useIntl();
    const [query, setQuery] = useUrlQuery();
    const sort = oneOf<Sort>(query, 'sort', ['title', 'stages', 'steps']);
    const direction = oneOf(query, 'direction', ['asc', 'desc']);
    const page = pageOf(query);
    const [toDelete, setToDelete] = useState<Playbook>();
    usePageTitle(formatMessage({id: 'playbooks.table', defaultMessage: 'Playbooks'}), team.display_name);
    const banner = useBanner();
    const heading = useRef<HTMLHeadingElement>(null);

    const {data: answer, error, isFetching, reload} = useQuery(
        [PLAYBOOKS, team.id, sort, direction, page],
        (signal) => listPlaybooks({team_id: team.id, sort, direction, page, per_page: PER_PAGE}, signal),
    );
    const data = useKeepPrevious(answer);
    const setPage = (to: number) => setQuery({page: to > 0 ? String(to + 1) : undefined});
    useEffect(() => {
        if (answer && answer.items.length === 0 && page > 0) {
            setQuery({page: answer.page_count > 1 && answer.page_count <= page ? String(answer.page_count) : undefined});
        }
    }, [answer, page, setQuery]);

    const [goneCount, setGoneCount] = useState(0);
    const gone = (text: ReactNode) => {
        banner.tell(text);
        void refreshPlaybooks();
        setGoneCount((count) => count + 1);
    };
    useEffect(() => {
        // The dialog has been closed by then, and has given the focus back to a row that goes.
        if (goneCount > 0) {
            heading.current?.focus();
        }
    }, [goneCount]);
    const remove = useAction(async (playbook: Playbook) => {
        await deletePlaybook(playbook.id);
        setToDelete((now) => (now === playbook ? undefined : now));
        gone((
            <FormattedMessage
                id='playbooks.deleted'
                defaultMessage='The playbook “{title}” was deleted.'
                values={{title: <bdi key='title'>{playbook.title}</bdi>}}
            />
        ));
    });
    const leaving = useLeaving((title) => gone((
        <FormattedMessage
            id='playbooks.left'
            defaultMessage='You have left the playbook “{title}”.'
            values={{title: <bdi key='title'>{title}</bdi>}}
        />
    )));

    const columns: Array<Column<Sort>> = [
        {key: 'title', sort: 'title', text: formatMessage({id: 'playbooks.name', defaultMessage: 'Name'})},
        {key: 'stages', sort: 'stages', text: formatMessage({id: 'playbooks.stages', defaultMessage: 'Stages'})},
        {key: 'steps', sort: 'steps', text: formatMessage({id: 'playbooks.tasks', defaultMessage: 'Tasks'})},
        {key: 'actions', text: formatMessage({id: 'playbooks.actions', defaultMessage: 'Actions'})},
    ];

    const mayCreate = data?.can_create !== false;
    const isEmpty = data?.total_count === 0 && data.items.length === 0;
    return (
        <div className={styles.page}>
            {banner.text && <Banner>{banner.text}</Banner>}
            {mayCreate && <Templates team={team.name}/>}
            {leaving.notice}
            {error && (
                <ErrorNotice
                    error={error}
                    onRetry={reload}
                >
                    <FormattedMessage
                        id='playbooks.failed'
                        defaultMessage='The playbooks could not be loaded.'
                    />
                </ErrorNotice>
            )}
            {!data && !error && <Loading/>}
            {isEmpty && (
                <NoPlaybooks
                    team={team.name}
                    mayCreate={mayCreate}
                />
            )}
            {data && !isEmpty && (
                <>
                    <div className={styles.head}>
                        <h1
                            ref={heading}
                            tabIndex={-1}
                            data-testid='titlePlaybook'
                        >
                            <FormattedMessage
                                id='playbooks.title'
                                defaultMessage='Playbooks ({team})'
                                values={{team: <bdi key='team'>{team.display_name}</bdi>}}
                            />
                        </h1>
                        {mayCreate && (
                            <InnerLink
                                to={newPlaybookPath(team.name)}
                                className={styles.buttonLink}
                            >
                                <span aria-hidden={true}>{'+ '}</span>
                                <span>
                                    <FormattedMessage
                                        id='playbooks.create'
                                        defaultMessage='Create a Playbook'
                                    />
                                </span>
                            </InnerLink>
                        )}
                    </div>
                    {!mayCreate && <MayNotCreate/>}
                    <Table
                        label={formatMessage({id: 'playbooks.table', defaultMessage: 'Playbooks'})}
                        columns={columns}
                        widths={WIDTHS}
                        sort={sort}
                        direction={direction}
                        onSort={(key, to) => setQuery({sort: key, direction: to, page: undefined})}
                        isBusy={isFetching}
                    >
                        {data.items.map((playbook) => (
                            <PlaybookRow
                                key={playbook.id}
                                team={team.name}
                                playbook={playbook}
                                onLeave={() => leaving.start(playbook)}
                                onDelete={() => {
                                    remove.clear();
                                    setToDelete(playbook);
                                }}
                            />
                        ))}
                    </Table>
                    <Pager
                        page={page}
                        perPage={PER_PAGE}
                        total={data.total_count}
                        hasMore={data.has_more}
                        onPage={setPage}
                    />
                </>
            )}
            {leaving.dialog}
            {toDelete && (
                <Confirm
                    title={formatMessage({id: 'playbooks.delete_title', defaultMessage: 'Delete this playbook?'})}
                    confirm={formatMessage({id: 'playbooks.delete_confirm', defaultMessage: 'Delete Playbook'})}
                    isDangerous={true}
                    busy={remove.busy}
                    error={remove.error}
                    failure={formatMessage({id: 'playbooks.delete_failed', defaultMessage: 'The playbook could not be deleted.'})}
                    onConfirm={() => void remove.run(toDelete)}
                    onCancel={() => setToDelete(undefined)}
                >
                    <FormattedMessage
                        id='playbooks.delete_text'
                        defaultMessage='“{title}” will be gone for everybody. Incidents that were started with it stay as they are.'
                        values={{title: toDelete.title}}
                    />
                </Confirm>
            )}
        </div>
    );
}

interface RowProps {
    team: string;
    playbook: Playbook;
    onLeave: () => void;
    onDelete: () => void;
}

function PlaybookRow({team, playbook, onLeave, onDelete}: RowProps) {
    const {formatMessage} = useIntl();
    const history = useHistory();
    const path = playbookPath(team, playbook.id);
    return (
        <Row
            widths={WIDTHS}
            className='playbook-item'
        >
            <Cell>
                <InnerLink
                    to={path}
                    className={styles.open}
                >
                    <CutText text={playbook.title}/>
                </InnerLink>
            </Cell>
            <Cell column={formatMessage({id: 'playbooks.stages', defaultMessage: 'Stages'})}>{playbook.num_stages}</Cell>
            <Cell column={formatMessage({id: 'playbooks.tasks', defaultMessage: 'Tasks'})}>{playbook.num_steps}</Cell>
            <Cell className={styles.actions}>
                <DotsMenu
                    icon='horizontal'
                    label={formatMessage({id: 'playbooks.row_actions', defaultMessage: 'Actions for {title}'}, {title: playbook.title})}
                    entries={[
                        {
                            key: 'edit',
                            text: formatMessage({id: 'playbooks.edit', defaultMessage: 'Edit'}),
                            onChoose: () => history.push(path),
                        },
                        {
                            key: 'leave',
                            text: formatMessage({id: 'playbooks.leave', defaultMessage: 'Leave'}),
                            onChoose: onLeave,
                        },
                        {
                            key: 'delete',
                            text: formatMessage({id: 'playbooks.delete', defaultMessage: 'Delete'}),
                            isDangerous: true,
                            onChoose: onDelete,
                        },
                    ]}
                />
            </Cell>
        </Row>
    );
}
