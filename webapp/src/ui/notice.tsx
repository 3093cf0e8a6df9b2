import AlertOutline from '@mattermost/compass-icons/components/alert-outline';
import React, {ReactNode} from 'react';
import {FormattedMessage, IntlShape, useIntl} from 'react-intl';

import {Button, Spinner} from 'src/ui/button';
import {classes} from 'src/ui/classes';
import {Icon} from 'src/ui/icon';
import styles from 'src/ui/notice.module.css';
import {beginSignIn, signInUrl} from 'src/ui/sign_in';

/** The part of an error that is shown. */
export interface ShownError {
    /** HTTP status; 0 when no answer came. */
    status: number;
    details: string;

    /** Stable name of the cause; '' or absent when there is none. */
    code?: string;
}

interface ErrorNoticeProps {
    /** What failed, as a whole sentence; the cause is added. */
    children: ReactNode;
    error?: ShownError;
    onRetry?: () => void;
    onDismiss?: () => void;
}

/** Tells at once, also to screen readers, that something failed, and why. */
export function ErrorNotice({children, error, onRetry, onDismiss}: ErrorNoticeProps) {
    return (
        <div
            className={styles.error}
            role='alert'
        >
            <Icon
                of={AlertOutline}
                className={styles.sign}
            />
            <span className={styles.text}>
                {children}
                {error && <>{' '}<Cause error={error}/></>}
                {error?.status === SESSION_ENDED && <>{' '}<SignInLink/></>}
            </span>
            {onRetry && (
                <Button
                    kind='quiet'
                    onClick={onRetry}
                >
                    <FormattedMessage
                        id='ui.retry'
                        defaultMessage='Try Again'
                    />
                </Button>
            )}
            {onDismiss && (
                <Button
                    kind='quiet'
                    onClick={onDismiss}
                >
                    <FormattedMessage
                        id='ui.dismiss'
                        defaultMessage='Dismiss'
                    />
                </Button>
            )}
        </div>
    );
}

const SESSION_ENDED = 401;
const NOT_IN_TIME = 'client.not_in_time';
const STARTING = 'plugin.unavailable';

/** Why something failed, as a sentence for users. */
export function causeOf({formatMessage}: Pick<IntlShape, 'formatMessage'>, {status, details, code}: ShownError): string {
    if (status === 0 && code === NOT_IN_TIME) {
        return formatMessage({id: 'ui.cause.late', defaultMessage: 'The server did not answer in time. The change may have been made anyway.'});
    }
    if (status === 0) {
        return formatMessage({id: 'ui.cause.offline', defaultMessage: 'The server could not be reached.'});
    }
    if (status === SESSION_ENDED) {
        return formatMessage({id: 'ui.cause.session', defaultMessage: 'Your session has ended. Sign in again.'});
    }
    if (code === STARTING || (!details && (status === 503 || (status === 404 && !code)))) {
        return formatMessage({id: 'ui.cause.stopped', defaultMessage: 'Incident Management does not run at this moment. Try again soon.'});
    }
    if (details) {
        return details;
    }
    if (status >= 500) {
        return formatMessage({id: 'ui.cause.server', defaultMessage: 'The server had a problem.'});
    }
    if (status === 403) {
        return formatMessage({id: 'ui.cause.forbidden', defaultMessage: 'You are not allowed to do this.'});
    }
    return formatMessage({id: 'ui.cause.other', defaultMessage: 'The server refused (status {status}).'}, {status});
}

function Cause({error}: {error: ShownError}) {
    return <>{causeOf(useIntl(), error)}</>;
}

/** Leads to the host's login, and back to this page after it. */
function SignInLink() {
    return (
        <a
            href={signInUrl()}
            onClick={beginSignIn}
        >
            <FormattedMessage
                id='ui.sign_in'
                defaultMessage='Sign in'
            />
        </a>
    );
}

export function Loading() {
    return (
        <div
            className={styles.loading}
            role='status'
        >
            <Spinner/>
            <FormattedMessage
                id='ui.loading'
                defaultMessage='Loading…'
            />
        </div>
    );
}

interface EmptyStateProps {
    title: ReactNode;

    /** Decorative. */
    picture?: ReactNode;
    children?: ReactNode;
    className?: string;
    'data-testid'?: string;
}

export function EmptyState({title, picture, children, className, ...rest}: EmptyStateProps) {
    return (
        <div
            {...rest}
            className={classes(className, styles.empty)}
        >
            {picture && <div aria-hidden={true}>{picture}</div>}
            <h2>{title}</h2>
            {children}
        </div>
    );
}

/** A message across the top of a full page, such as that something was done. */
export function Banner({children}: {children: ReactNode}) {
    return (
        <div className={styles.bannerPlace}>
            <div
                className={classes('banner', styles.banner)}
                role='status'
            >
                {children}
            </div>
        </div>
    );
}
