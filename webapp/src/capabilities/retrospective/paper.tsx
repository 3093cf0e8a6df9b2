import React, {ReactNode} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import styles from 'src/capabilities/retrospective/page.module.css';
import {StateBadge} from 'src/capabilities/retrospective/state_badge';
import {Retrospective} from 'src/capabilities/retrospective/types';
import {standardText} from 'src/capabilities/retrospective/words';
import {Text} from 'src/people/text';
import {useDisplayName, useUser} from 'src/store/users';
import {Incident} from 'src/types/incident';
import {DateTime, Duration, isTime} from 'src/ui/time';

/** A name without a picture. */
function Name({userId}: {userId: string}) {
    const user = useUser(userId);
    const nameOf = useDisplayName();
    return <bdi>{user ? nameOf(user) : '…'}</bdi>;
}

function Fact({name, children}: {name: ReactNode; children: ReactNode}) {
    return (
        <div className={styles.fact}>
            <dt>{name}</dt>
            <dd>{children}</dd>
        </div>
    );
}

/** A retrospective as on paper: what the incident was, and the sections without controls. */
export function Paper({incident, document: shown}: {incident: Incident; document: Retrospective}) {
    const intl = useIntl();
    const {formatMessage} = intl;
    const hasEnd = !incident.is_active && isTime(incident.end_at);
    return (
        <article className={styles.paper}>
            <header className={styles.paperHead}>
                <p className={styles.kind}>
                    <FormattedMessage
                        id='retrospective.title'
                        defaultMessage='Retrospective'
                    />
                    {' '}
                    <StateBadge state={shown.state}/>
                </p>
                <h1><bdi>{incident.name}</bdi></h1>
                <dl className={styles.facts}>
                    <Fact name={formatMessage({id: 'retrospective.paper_start', defaultMessage: 'Start'})}><DateTime at={incident.create_at}/></Fact>
                    <Fact name={formatMessage({id: 'retrospective.paper_end', defaultMessage: 'End'})}>
                        {hasEnd ? <DateTime at={incident.end_at}/> : formatMessage({id: 'status.ongoing', defaultMessage: 'Ongoing'})}
                    </Fact>
                    {hasEnd && (
                        <Fact name={formatMessage({id: 'incident_page.duration', defaultMessage: 'Duration'})}>
                            <Duration
                                from={incident.create_at}
                                to={incident.end_at}
                            />
                        </Fact>
                    )}
                    <Fact name={formatMessage({id: 'retrospective.paper_commander', defaultMessage: 'Commander'})}><Name userId={incident.commander_user_id}/></Fact>
                    {shown.state === 'published' && (
                        <Fact name={formatMessage({id: 'retrospective.state.published', defaultMessage: 'Published'})}>
                            <DateTime at={shown.published_at}/>
                            {', '}
                            <Name userId={shown.published_by_id}/>
                        </Fact>
                    )}
                </dl>
            </header>
            {shown.sections.map(({key, heading, text}) => (
                <section
                    key={key}
                    className={styles.section}
                >
                    <h2><bdi>{standardText(intl, heading)}</bdi></h2>
                    {text.trim() ? <Text text={text}/> : (
                        <p className={styles.nothing}>
                            <FormattedMessage
                                id='retrospective.paper_empty'
                                defaultMessage='Nothing was written.'
                            />
                        </p>
                    )}
                </section>
            ))}
        </article>
    );
}
