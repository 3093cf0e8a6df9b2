import React, {ReactNode, useEffect, useRef} from 'react';
import {createPortal} from 'react-dom';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';
import {Redirect, useParams} from 'react-router-dom';

import styles from 'src/capabilities/retrospective/page.module.css';
import {Paper} from 'src/capabilities/retrospective/paper';
import {markBareLinks} from 'src/capabilities/retrospective/printed_links';
import {useRetrospective} from 'src/capabilities/retrospective/store';
import {Retrospective} from 'src/capabilities/retrospective/types';
import {currentTeam, HostState, teamById} from 'src/host/store';
import {errorPath, incidentPath} from 'src/routes';
import {useIncident} from 'src/store/incidents';
import {Incident} from 'src/types/incident';
import {Button} from 'src/ui/button';
import {ErrorNotice, Loading, ShownError} from 'src/ui/notice';
import {PageBar, UnfinishedPage} from 'src/ui/page_bar';
import {usePageTitle} from 'src/ui/page_title';
import {Root} from 'src/ui/root';

/** The retrospective of an incident alone, to be read and printed. */
export default function RetrospectivePage() {
    const {id} = useParams<{id: string}>();
    const {formatMessage} = useIntl();
    const here = useSelector(currentTeam);
    const {incident, error, reload} = useIncident(id);
    const team = useSelector((state: HostState) => (incident ? teamById(state, incident.team_id) : undefined));
    if (!here) {
        return <Loading/>;
    }
    if (error && (error.isNotFound || error.status === 400)) {
        return <Redirect to={errorPath(here.name, 'incidents')}/>;
    }
    if (incident && team && team.id !== here.id) {
        return <Redirect to={`${incidentPath(team.name, id)}/retrospective`}/>;
    }
    const bar = {back: incidentPath(here.name, id), label: formatMessage({id: 'retrospective.back', defaultMessage: 'Back to the incident'})};
    return incident ? (
        <Loaded
            key={incident.id}
            incident={incident}
            bar={bar}
        />
    ) : <Unfinished {...{bar, error, reload}}/>;
}

/** The page as long as there is nothing to show. */
function Unfinished({bar, error, reload}: {bar: LoadedProps['bar']; error?: ShownError; reload: () => void}) {
    return (
        <UnfinishedPage {...bar}>
            {error ? (
                <ErrorNotice
                    error={error}
                    onRetry={reload}
                >
                    <FormattedMessage
                        id='retrospective.load_failed'
                        defaultMessage='The retrospective could not be loaded.'
                    />
                </ErrorNotice>
            ) : <Loading/>}
        </UnfinishedPage>
    );
}

interface LoadedProps {
    incident: Incident;
    bar: {back: string; label: string};
}

function Loaded({incident, bar}: LoadedProps) {
    const {formatMessage} = useIntl();
    const {data, error, reload} = useRetrospective(incident);
    usePageTitle(formatMessage({id: 'retrospective.page_title', defaultMessage: 'Retrospective: {name}'}, {name: incident.name}));
    if (!data) {
        return <Unfinished {...{bar, error, reload}}/>;
    }
    return (
        <Shown
            bar={(
                <PageBar {...bar}>
                    <span className={styles.barTitle}>
                        <FormattedMessage
                            id='retrospective.title'
                            defaultMessage='Retrospective'
                        />
                    </span>
                    <Button
                        kind='primary'
                        className={styles.print}
                        onClick={() => window.print()}
                    >
                        <FormattedMessage
                            id='retrospective.print'
                            defaultMessage='Print, Save as PDF'
                        />
                    </Button>
                </PageBar>
            )}
            incident={incident}
            document={data}
        />
    );
}

/** Numbers printed pages. Not part of the style sheet, because not all that read it know of the margins of pages. */
function numberPages(): HTMLStyleElement | undefined {
    if (!('CSSPageRule' in window)) {
        return undefined;
    }
    const style = document.createElement('style');
    style.textContent = '@page retrospective { @bottom-center { content: counter(page) " / " counter(pages); font: 9pt sans-serif; } }';
    document.head.appendChild(style);
    return style;
}

function Shown({bar, ...paper}: {bar: ReactNode; incident: Incident; document: Retrospective}) {
    const sheet = useRef<HTMLDivElement>(null);
    // What the host has around the page would be printed too, and only as much of it as is on the screen. So the sheet that is
    // printed is a child of the body, and the only one that is.
    useEffect(() => {
        const elements = [document.documentElement, document.body];
        const name = String(styles.printing);
        elements.forEach((element) => element.classList.add(name));
        const numbers = numberPages();
        const mark = () => sheet.current && markBareLinks(sheet.current);
        window.addEventListener('beforeprint', mark);
        return () => {
            window.removeEventListener('beforeprint', mark);
            elements.forEach((element) => element.classList.remove(name));
            numbers?.remove();
        };
    }, []);
    return (
        <>
            {bar}
            <div className={styles.desk}>
                <Paper {...paper}/>
            </div>
            {createPortal((
                <Root
                    className={styles.sheet}
                    data-testid='retrospective-sheet'
                >
                    <div ref={sheet}>
                        <Paper {...paper}/>
                    </div>
                </Root>
            ), document.body)}
        </>
    );
}
