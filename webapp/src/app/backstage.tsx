import Book from '@mattermost/compass-icons/components/book-outline';
import Close from '@mattermost/compass-icons/components/close';
import React, {useEffect} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {Redirect, Route, Switch, useLocation, useRouteMatch} from 'react-router-dom';

import styles from 'src/app/backstage.module.css';
import {pages} from 'src/app/pages';
import {capabilities} from 'src/capabilities/all';
import {navigate} from 'src/host/window';
import {errorPath, incidentListPath, playbookListPath, pluginRoot, teamPath} from 'src/routes';
import {BarLink} from 'src/ui/bar_link';
import {Button} from 'src/ui/button';
import {ErrorBoundary} from 'src/ui/error_boundary';
import {Icon, ShieldIcon} from 'src/ui/icon';
import {preload, QuietPart} from 'src/ui/lazy_page';

const BODY_CLASS = 'app__body';

const links = capabilities.flatMap(({pages: added}) => added ?? []).flatMap(({path, barLink: load}) => (load ? {path, load} : []));
preload(links.map(({load}) => load));

function TopBar({team}: {team: string}) {
    const {formatMessage} = useIntl();
    return (
        <nav
            className={styles.bar}
            aria-label={formatMessage({id: 'backstage.nav', defaultMessage: 'Playbooks and incidents'})}
        >
            <BarLink
                to={playbookListPath(team)}
                icon={Book}
                testId='playbooksLHSButton'
            >
                <FormattedMessage
                    id='backstage.playbooks'
                    defaultMessage='Playbooks'
                />
            </BarLink>
            <BarLink
                to={incidentListPath(team)}
                icon={ShieldIcon}
                testId='incidentsLHSButton'
            >
                <FormattedMessage
                    id='backstage.incidents'
                    defaultMessage='Incidents'
                />
            </BarLink>
            {links.map(({path, load}) => (
                <QuietPart
                    key={path}
                    load={load}
                    props={{team}}
                />
            ))}
            <Button
                kind='icon'
                className={`close-icon ${styles.close}`}
                aria-label={formatMessage({id: 'backstage.close', defaultMessage: 'Back to Mattermost'})}
                onClick={() => navigate(teamPath(team))}
            >
                <Icon
                    of={Close}
                    size={24}
                />
            </Button>
        </nav>
    );
}

/** All full pages of the plugin, for `/TEAM/PLUGIN/…`, inside a PageFrame. Loaded on demand. */
export default function Backstage() {
    const team = useRouteMatch<{team: string}>('/:team')?.params.team ?? '';
    const root = pluginRoot(':team');
    const {pathname} = useLocation();
    useEffect(() => {
        // The host's page styles hang on this class; it may be there already.
        const had = document.body.classList.contains(BODY_CLASS);
        document.body.classList.add(BODY_CLASS);
        return () => {
            if (!had) {
                document.body.classList.remove(BODY_CLASS);
            }
        };
    }, []);
    return (
        <>
            <Route
                exact={true}
                path={pages.filter(({hasTopBar}) => hasTopBar).map(({path}) => root + path)}
            >
                {({match}) => match && <TopBar team={team}/>}
            </Route>
            <main className={styles.content}>
                <ErrorBoundary key={pathname}>
                    <Switch>
                        {pages.map(({path, component}) => (
                            <Route
                                key={path}
                                exact={true}
                                path={root + path}
                                component={component}
                            />
                        ))}
                        <Redirect to={errorPath(team, 'default')}/>
                    </Switch>
                </ErrorBoundary>
            </main>
        </>
    );
}
