import React from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {IncidentProps} from 'src/capabilities/capability';
import {getHistory} from 'src/capabilities/roles/client';
import styles from 'src/capabilities/roles/page_section.module.css';
import {PageSection} from 'src/incident/page_section';
import {Person} from 'src/people/person';
import {useQuery} from 'src/query/client';
import {useKeepPrevious} from 'src/query/use_keep_previous';
import {Incident} from 'src/types/incident';
import {RoleSpan} from 'src/types/roles';
import {ErrorNotice, Loading} from 'src/ui/notice';
import {DateTime} from 'src/ui/time';

const COMMANDER = 'commander';

interface Row {
    key: string;
    name: string;
    description: string;
    spans: RoleSpan[];
}

/** The history by role: the commander, the roles of the incident in their order, and what else the history names. The newest is first. */
function rowsOf({roles}: Incident, history: RoleSpan[], commander: string): Row[] {
    const known = [{key: COMMANDER, name: commander, description: ''}, ...roles?.roles ?? []];
    const others = history.filter(({role}) => known.every(({key}) => key !== role)).map(({role, name}) => ({key: role, name, description: ''}));
    const all = new Map([...known, ...others].map((row) => [row.key, row]));
    return [...all.values()].map(({key, name, description}) => ({
        key,
        name,
        description,
        spans: history.filter(({role}) => role === key).sort((a, b) => b.from - a.from),
    }));
}

function Spans({spans}: {spans: RoleSpan[]}) {
    if (spans.length === 0) {
        return (
            <span className={styles.muted}>
                <FormattedMessage
                    id='roles.nobody_yet'
                    defaultMessage='Nobody yet'
                />
            </span>
        );
    }
    return (
        <ul className={styles.spans}>
            {spans.map(({user_id: userId, from, to}) => (
                <li key={`${from} ${userId}`}>
                    <Person userId={userId}/>
                    <span className={styles.muted}>
                        {to ? (
                            <>
                                <DateTime at={from}/>
                                {' – '}
                                <DateTime at={to}/>
                            </>
                        ) : (
                            <FormattedMessage
                                id='roles.since'
                                defaultMessage='since {time}'
                                values={{
                                    time: (
                                        <DateTime
                                            key='time'
                                            at={from}
                                        />
                                    ),
                                }}
                            />
                        )}
                    </span>
                </li>
            ))}
        </ul>
    );
}

/** The section of the incident's page that tells who had which role when. */
export default function RolesSection({incident}: IncidentProps) {
    const {formatMessage} = useIntl();
    const {id, commander_user_id: commander, roles} = incident;

    // With each change of who has what there is another history.
    const holders = (roles?.roles ?? []).map(({key, holder_id: holder, since}) => `${key} ${holder} ${since}`).join();
    const {data, error, reload} = useQuery<RoleSpan[]>(['roles-history', id, commander, holders], (signal) => getHistory(id, signal));
    const history = useKeepPrevious(data);
    let content = <Loading/>;
    if (history) {
        content = (
            <dl className={styles.rows}>
                {rowsOf(incident, history, formatMessage({id: 'summary.commander', defaultMessage: 'Commander'})).map(({key, name, description, spans}) => (
                    <div
                        key={key}
                        className={styles.row}
                    >
                        <dt dir='auto'>
                            {name}
                            {description && <div className={styles.muted}>{description}</div>}
                        </dt>
                        <dd><Spans spans={spans}/></dd>
                    </div>
                ))}
            </dl>
        );
    } else if (error) {
        content = (
            <ErrorNotice
                error={error}
                onRetry={reload}
            >
                <FormattedMessage
                    id='roles.history_failed'
                    defaultMessage='It could not be loaded who had which role.'
                />
            </ErrorNotice>
        );
    }
    return (
        <PageSection
            title={(
                <FormattedMessage
                    id='roles.title'
                    defaultMessage='Roles'
                />
            )}
        >
            <div data-testid='incident-roles'>{content}</div>
        </PageSection>
    );
}
