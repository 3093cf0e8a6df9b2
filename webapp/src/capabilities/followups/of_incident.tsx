import React, {ReactNode, useEffect, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {useActions} from 'src/capabilities/followups/actions';
import {CarryOver, unfinished} from 'src/capabilities/followups/carry_over';
import {isUnknownRoute} from 'src/capabilities/followups/client';
import {AddDialog} from 'src/capabilities/followups/edit_dialog';
import styles from 'src/capabilities/followups/followups.module.css';
import {ItemList} from 'src/capabilities/followups/item_list';
import {useFollowUpPage} from 'src/capabilities/followups/store';
import {FollowUpPage, FollowUpQuery, LIMITS} from 'src/capabilities/followups/types';
import {useMayChange} from 'src/incident/use_may_change';
import {useKeepPrevious} from 'src/query/use_keep_previous';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {Pager} from 'src/ui/table';

interface Props {
    incident: Incident;

    /** The first page. */
    query: FollowUpQuery & {per_page: number};

    /** False leaves out that tasks can be carried over. True when absent. */
    hasCarryOver?: boolean;

    /** Frames the content, or shows nothing. */
    frame: (content: ReactNode, page: FollowUpPage | undefined) => ReactNode;
}

/** When fewer can be added than this, the form says so. */
const FEW = 50;

/** The follow-ups of an incident, with what members can do with them. */
export function OfIncident({incident, query, hasCarryOver = true, frame}: Props) {
    const {formatMessage} = useIntl();
    const [page, setPage] = useState(0);
    const [dialog, setDialog] = useState<'add' | 'carry'>();
    const mayAdd = useMayChange(incident);
    const {data: answer, error, reload} = useFollowUpPage({...query, page}, incident.id);
    const data = useKeepPrevious(answer);
    const {actions, shown} = useActions(data?.items ?? []);
    useEffect(() => {
        if (answer && answer.items.length === 0 && page > 0) {
            setPage(Math.max(answer.page_count - 1, 0));
        }
    }, [answer, page]);
    if (isUnknownRoute(error)) {
        return null;
    }
    const total = data ? data.counts.open + data.counts.done + data.counts.dropped : 0;
    const left = LIMITS.perIncident - total;
    const close = () => setDialog(undefined);
    let content: ReactNode = error ? null : <Loading/>;
    if (data) {
        content = data.items.length > 0 ? (
            <ItemList
                label={formatMessage({id: 'followups.label', defaultMessage: 'Follow-ups'})}
                items={data.items}
                actions={actions}
            />
        ) : (
            <p className={styles.muted}>
                {total === 0 ? (
                    <FormattedMessage
                        id='followups.none'
                        defaultMessage='There are no follow-ups yet: things to do so that this does not happen again.'
                    />
                ) : (
                    <FormattedMessage
                        id='followups.none_open'
                        defaultMessage='No follow-up is open.'
                    />
                )}
            </p>
        );
    }
    return (
        <>
            {frame((
                <>
                    {error && (
                        <ErrorNotice
                            error={error}
                            onRetry={reload}
                        >
                            <FormattedMessage
                                id='followups.failed'
                                defaultMessage='The follow-ups could not be loaded.'
                            />
                        </ErrorNotice>
                    )}
                    {shown}
                    {content}
                    {data && (page > 0 || data.has_more) && (
                        <Pager
                            page={page}
                            perPage={query.per_page}
                            total={data.total_count}
                            hasMore={data.has_more}
                            onPage={setPage}
                        />
                    )}
                    {data && mayAdd && (
                        <div className={styles.buttons}>
                            <Button
                                disabled={left <= 0}
                                onClick={() => setDialog('add')}
                            >
                                <FormattedMessage
                                    id='followups.add_button'
                                    defaultMessage='Add a Follow-Up'
                                />
                            </Button>
                            {hasCarryOver && unfinished(incident).length > 0 && (
                                <Button
                                    kind='quiet'
                                    disabled={left <= 0}
                                    onClick={() => setDialog('carry')}
                                >
                                    <FormattedMessage
                                        id='followups.carry_button'
                                        defaultMessage='Carry Over Tasks'
                                    />
                                </Button>
                            )}
                            {left <= FEW && (
                                <span className={styles.muted}>
                                    <FormattedMessage
                                        id='followups.left'
                                        defaultMessage='{left, plural, =0 {No more can be added} one {# more can be added} other {# more can be added}}: an incident can have {most}.'
                                        values={{left: Math.max(left, 0), most: LIMITS.perIncident}}
                                    />
                                </span>
                            )}
                        </div>
                    )}
                </>
            ), data)}
            {dialog === 'add' && (
                <AddDialog
                    incidentId={incident.id}
                    teamId={incident.team_id}
                    channelId={incident.channel_id}
                    onClose={close}
                />
            )}
            {dialog === 'carry' && (
                <CarryOver
                    incident={incident}
                    onClose={close}
                />
            )}
        </>
    );
}
