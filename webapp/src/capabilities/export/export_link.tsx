import Download from '@mattermost/compass-icons/components/download-outline';
import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';
import {useSelector} from 'react-redux';

import {IncidentProps} from 'src/capabilities/capability';
import styles from 'src/capabilities/export/export.module.css';
import {ExportMenu} from 'src/capabilities/export/export_menu';
import {HostState} from 'src/host/store';
import {basePath} from 'src/site';
import {Icon} from 'src/ui/icon';
import {Banner} from 'src/ui/notice';
import {Tooltip} from 'src/ui/tooltip';

const EXPORT_PLUGIN = 'com.mattermost.plugin-channel-export';
const BANNER_MS = 2500;

/** Downloads the incident from our own server, and the channel by the Channel Export plugin where that is installed and licensed. */
export default function ExportLink({incident}: IncidentProps) {
    const mayUsePlugin = useSelector(({plugins, entities}: HostState) => {
        const {IsLicensed: licensed, MessageExport: may} = entities.general.license;
        return Boolean(plugins.plugins?.[EXPORT_PLUGIN]) && licensed === 'true' && may === 'true';
    });
    return (
        <>
            {mayUsePlugin && <PluginLink channelId={incident.channel_id}/>}
            <ExportMenu incident={incident}/>
        </>
    );
}

function PluginLink({channelId}: {channelId: string}) {
    const {formatMessage} = useIntl();
    const [isRunning, setRunning] = useState(false);
    const timer = useRef<number>();
    useEffect(() => () => window.clearTimeout(timer.current), []);

    const content = (
        <>
            <Icon of={Download}/>
            <FormattedMessage
                id='incident_page.export'
                defaultMessage='Export the channel'
            />
        </>
    );
    const start = () => {
        window.clearTimeout(timer.current);
        setRunning(true);
        timer.current = window.setTimeout(() => setRunning(false), BANNER_MS);
    };
    return (
        <>
            {isRunning && (
                <Banner>
                    <FormattedMessage
                        id='incident_page.exporting'
                        defaultMessage='The download has been started.'
                    />
                </Banner>
            )}
            <Tooltip
                id='export'
                text={formatMessage({id: 'incident_page.export_text', defaultMessage: 'Download the messages of the channel as a CSV file.'})}
            >
                <a
                    className={`export-link ${styles.link}`}
                    href={`${basePath()}/plugins/${EXPORT_PLUGIN}/api/v1/export?channel_id=${channelId}&format=csv`}
                    target='_new'
                    rel='noopener'
                    onClick={start}
                >
                    {content}
                </a>
            </Tooltip>
        </>
    );
}
