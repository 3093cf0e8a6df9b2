import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage} from 'react-intl';
import {useSelector} from 'react-redux';

import {IncidentProps} from 'src/capabilities/capability';
import {isUnknownRoute} from 'src/capabilities/retrospective/client';
import {Head} from 'src/capabilities/retrospective/head';
import {openTexts} from 'src/capabilities/retrospective/open_texts';
import {SectionPart} from 'src/capabilities/retrospective/section';
import {StateBadge} from 'src/capabilities/retrospective/state_badge';
import {useRetrospective} from 'src/capabilities/retrospective/store';
import styles from 'src/capabilities/retrospective/retrospective.module.css';
import {Retrospective} from 'src/capabilities/retrospective/types';
import {useScrollTo} from 'src/capabilities/retrospective/use_scroll_to';
import {currentUserId} from 'src/host/store';
import {PageSection} from 'src/incident/page_section';
import {Incident} from 'src/types/incident';
import {Expander} from 'src/ui/button';
import {ErrorNotice} from 'src/ui/notice';

/** The section of the incident's page with its retrospective. */
export default function RetrospectiveSection({incident}: IncidentProps) {
    const {data, error, reload} = useRetrospective(incident);
    if (isUnknownRoute(error)) {
        return null;
    }
    if (!data) {
        // Whether there is something to show is not known yet.
        return error ? (
            <PageSection title={<Title/>}>
                <ErrorNotice
                    error={error}
                    onRetry={reload}
                >
                    <FormattedMessage
                        id='retrospective.load_failed'
                        defaultMessage='The retrospective could not be loaded.'
                    />
                </ErrorNotice>
            </PageSection>
        ) : null;
    }
    return (
        <Shown
            key={incident.id}
            incident={incident}
            document={data}
        />
    );
}

const Title = () => (
    <FormattedMessage
        id='retrospective.title'
        defaultMessage='Retrospective'
    />
);

interface Props {
    incident: Incident;
    document: Retrospective;
}

function Shown({incident, document: shown}: Props) {
    const me = useSelector(currentUserId);
    const isEarly = incident.is_active && shown.state === 'none';
    const [isOpen, setOpen] = useState(false);
    const place = useRef<HTMLDivElement>(null);
    useScrollTo(place);
    useEffect(() => openTexts.restore(me, shown), [me, shown]);
    useEffect(() => {
        const leave = () => openTexts.leaveAll();
        const hide = () => window.document.visibilityState === 'hidden' && openTexts.saveAll();
        window.addEventListener('pagehide', leave);
        window.document.addEventListener('visibilitychange', hide);
        return () => {
            window.removeEventListener('pagehide', leave);
            window.document.removeEventListener('visibilitychange', hide);
        };
    }, []);
    return (
        <div
            ref={place}
            id='retrospective'
            tabIndex={-1}
            className={styles.place}
            data-testid='retrospective'
        >
            <PageSection
                title={(
                    <span className={styles.title}>
                        <Title/>
                        {!isEarly && <StateBadge state={shown.state}/>}
                    </span>
                )}
            >
                {isEarly && (
                    <div className={styles.early}>
                        <p className={styles.muted}>
                            <FormattedMessage
                                id='retrospective.early'
                                defaultMessage='It drafts itself while the incident goes on, and is for the time after its end.'
                            />
                        </p>
                        <Expander
                            isOpen={isOpen}
                            setOpen={setOpen}
                            more={(
                                <FormattedMessage
                                    id='retrospective.show_draft'
                                    defaultMessage='Show the draft'
                                />
                            )}
                            less={(
                                <FormattedMessage
                                    id='retrospective.hide_draft'
                                    defaultMessage='Hide the draft'
                                />
                            )}
                        />
                    </div>
                )}
                {(!isEarly || isOpen) && (
                    <>
                        <Head
                            incident={incident}
                            document={shown}
                        />
                        {shown.sections.map((section) => (
                            <SectionPart
                                key={section.key}
                                {...{incident, section}}
                                document={shown}
                            />
                        ))}
                    </>
                )}
            </PageSection>
        </div>
    );
}
