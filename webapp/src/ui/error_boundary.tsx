import React, {Component, ReactNode} from 'react';
import {FormattedMessage} from 'react-intl';

import {ErrorNotice} from 'src/ui/notice';

interface Props {
    children: ReactNode;
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
