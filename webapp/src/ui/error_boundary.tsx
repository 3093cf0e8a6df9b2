import React, {Component, ReactNode} from 'react';
import {FormattedMessage} from 'react-intl';

import {ErrorNotice} from 'src/ui/notice';

interface Props {
    children: ReactNode;

    /** Shown in place of what has failed; absent is a notice with a way to try again. */
    fallback?: ReactNode;
}

/** Keeps a fault in this plugin from taking the host's page down. */
export class ErrorBoundary extends Component<Props, {failed: boolean}> {
    override state = {failed: false};

    static getDerivedStateFromError() {
        return {failed: true};
    }

    override render() {
        if (!this.state.failed) {
            return this.props.children;
        }
        if (this.props.fallback !== undefined) {
            return this.props.fallback;
        }
        return (
            <ErrorNotice onRetry={() => this.setState({failed: false})}>
                <FormattedMessage
                    id='app.fault'
                    defaultMessage='Something went wrong while showing this.'
                />
            </ErrorNotice>
        );
    }
}
