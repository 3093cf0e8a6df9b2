import React, {ReactNode} from 'react';
import {FormattedMessage} from 'react-intl';
import {useSelector} from 'react-redux';

import styles from 'src/capabilities/followups/followups.module.css';
import {ClosedBadge, Due, Owner, StateName, TrackerLink} from 'src/capabilities/followups/parts';
import {FollowUp} from 'src/capabilities/followups/types';
import {currentTeamName, HostState, teamById} from 'src/host/store';
import {Person} from 'src/people/person';
import {Text} from 'src/people/text';
import {incidentPath, postPath} from 'src/routes';
import {Button} from 'src/ui/button';
import {InnerLink} from 'src/ui/inner_link';
import {Modal} from 'src/ui/modal';
import {DateTime} from 'src/ui/time';

function Fact({name, children}: {name: ReactNode; children: ReactNode}) {
    return (
        <div className={styles.fact}>
            <dt>{name}</dt>
            <dd>{children}</dd>
        </div>
    );
}

interface Props {
    item: FollowUp;
    onEdit: () => void;
    onClose: () => void;
}

/** All that is known of a follow-up. */
export function Details({item, onEdit, onClose}: Props) {
    const team = useSelector((state: HostState) => teamById(state, item.team_id)?.name ?? currentTeamName(state));
    return (
        <Modal
            id='followupModal'
            title={<bdi>{item.title}</bdi>}
            onClose={onClose}
            footer={(
                <>
                    <Button
                        kind='quiet'
                        data-autofocus={!item.can_edit || undefined}
                        onClick={onClose}
                    >
                        <FormattedMessage
                            id='followups.close'
                            defaultMessage='Close'
                        />
                    </Button>
                    {item.can_edit && (
                        <Button
                            data-autofocus={true}
                            onClick={onEdit}
                        >
                            <FormattedMessage
                                id='followups.edit'
                                defaultMessage='Edit'
                            />
                        </Button>
                    )}
                </>
            )}
        >
            {item.text.trim() && <div className={styles.text}><Text text={item.text}/></div>}
            <dl className={styles.facts}>
                <Fact
                    name={(
                        <FormattedMessage
                            id='followups.state'
                            defaultMessage='State'
                        />
                    )}
                >
                    {item.state === 'open' ? <StateName state='open'/> : <ClosedBadge item={item}/>}
                    {item.closed_at > 0 && <span className={styles.muted}>{' '}<DateTime at={item.closed_at}/></span>}
                    {item.reason && <div dir='auto'>{item.reason}</div>}
                </Fact>
                <Fact
                    name={(
                        <FormattedMessage
                            id='followups.incident'
                            defaultMessage='Incident'
                        />
                    )}
                >
                    <InnerLink
                        to={incidentPath(team, item.incident_id)}
                        className={styles.link}
                    >
                        <bdi>{item.incident_name}</bdi>
                    </InnerLink>
                </Fact>
                <Fact
                    name={(
                        <FormattedMessage
                            id='followups.owner'
                            defaultMessage='Owner'
                        />
                    )}
                >
                    <Owner item={item}/>
                </Fact>
                {item.due_at > 0 && (
                    <Fact
                        name={(
                            <FormattedMessage
                                id='followups.due'
                                defaultMessage='Due'
                            />
                        )}
                    >
                        <Due item={item}/>
                    </Fact>
                )}
                {item.link && (
                    <Fact
                        name={(
                            <FormattedMessage
                                id='followups.issue'
                                defaultMessage='Issue'
                            />
                        )}
                    >
                        <TrackerLink
                            item={item}
                            isWhole={true}
                        />
                    </Fact>
                )}
                <Fact
                    name={(
                        <FormattedMessage
                            id='followups.added'
                            defaultMessage='Added'
                        />
                    )}
                >
                    <span className={styles.owner}>
                        <Person userId={item.author_id}/>
                        <span className={styles.muted}><DateTime at={item.create_at}/></span>
                    </span>
                    {item.post_id && (
                        <InnerLink
                            to={postPath(item.post_id)}
                            className={styles.link}
                        >
                            <FormattedMessage
                                id='followups.message'
                                defaultMessage='From a message'
                            />
                        </InnerLink>
                    )}
                    {item.source === 'task' && (
                        <span className={styles.muted}>
                            <FormattedMessage
                                id='followups.from_task'
                                defaultMessage='From a task of the incident'
                            />
                        </span>
                    )}
                </Fact>
            </dl>
        </Modal>
    );
}
