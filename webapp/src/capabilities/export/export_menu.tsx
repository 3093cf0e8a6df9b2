import ChevronDown from '@mattermost/compass-icons/components/chevron-down';
import Download from '@mattermost/compass-icons/components/download-outline';
import React, {useEffect, useRef, useState} from 'react';
import {FormattedMessage, useIntl} from 'react-intl';

import {ExportFormat, exportIncident} from 'src/capabilities/export/client';
import styles from 'src/capabilities/export/export.module.css';
import {useAction} from 'src/query/use_action';
import {Incident} from 'src/types/incident';
import {Spinner} from 'src/ui/button';
import {Icon} from 'src/ui/icon';
import {MenuList} from 'src/ui/menu';
import {Banner, ErrorNotice} from 'src/ui/notice';
import {PopupFrame, usePopup} from 'src/ui/popup';
import popupStyles from 'src/ui/popup.module.css';
import {saveFile} from 'src/ui/save_file';

const BANNER_MS = 2500;
const EXTENSIONS: Record<ExportFormat, string> = {csv: 'csv', markdown: 'md', json: 'json'};

/** Downloads the channel's messages or the incident from our own server, for those who may read the channel. */
export function ExportMenu({incident}: {incident: Incident}) {
    const {formatMessage} = useIntl();
    const popup = usePopup();
    const [done, setDone] = useState('');
    const timer = useRef<number>();
    useEffect(() => () => window.clearTimeout(timer.current), []);
    const fetching = useAction(async (format: ExportFormat) => {
        const {name, content} = await exportIncident(incident.id, format);
        const saved = name || `incident.${EXTENSIONS[format]}`;
        saveFile(content, saved);
        window.clearTimeout(timer.current);
        setDone(saved);
        timer.current = window.setTimeout(() => setDone(''), BANNER_MS);
    });
    const label = formatMessage({id: 'incident_page.export_menu', defaultMessage: 'Export'});
    const entry = (format: ExportFormat, title: string, text: string) => ({
        key: format,
        'data-testid': `export-${format}`,
        text: (
            <span className={styles.exportEntry}>
                <span>{title}</span>
                <span className={styles.muted}>{text}</span>
            </span>
        ),
        onChoose: () => void fetching.run(format),
    });
    return (
        <>
            {done && (
                <Banner>
                    <FormattedMessage
                        id='incident_page.exported'
                        defaultMessage='{name} has been downloaded.'
                        values={{name: done}}
                    />
                </Banner>
            )}
            <PopupFrame
                popup={popup}
                align='end'
                opener={(
                    <button
                        type='button'
                        className={popupStyles.opener}
                        aria-haspopup='menu'
                        aria-expanded={popup.isOpen}
                        aria-busy={fetching.busy || undefined}
                        aria-disabled={fetching.busy || undefined}
                        onClick={() => !fetching.busy && popup.toggle()}
                    >
                        {fetching.busy ? <Spinner/> : <Icon of={Download}/>}
                        {fetching.busy ? formatMessage({id: 'incident_page.export_busy', defaultMessage: 'Exporting…'}) : label}
                        <Icon
                            of={ChevronDown}
                            size={14}
                        />
                    </button>
                )}
            >
                <MenuList
                    label={label}
                    entries={[
                        entry('csv', formatMessage({id: 'incident_page.export_csv', defaultMessage: 'Messages (CSV)'}), formatMessage({id: 'incident_page.export_csv_text', defaultMessage: 'All messages of the channel'})),
                        entry('markdown', formatMessage({id: 'incident_page.export_markdown', defaultMessage: 'Report (Markdown)'}), formatMessage({id: 'incident_page.export_markdown_text', defaultMessage: 'Tasks, updates and timeline to read'})),
                        entry('json', formatMessage({id: 'incident_page.export_json', defaultMessage: 'Report (JSON)'}), formatMessage({id: 'incident_page.export_json_text', defaultMessage: 'The same for other programs'})),
                    ]}
                    onDone={popup.close}
                />
            </PopupFrame>
            {fetching.error && (
                <div className={styles.exportError}>
                    <ErrorNotice
                        error={fetching.error}
                        onDismiss={fetching.clear}
                    >
                        <FormattedMessage
                            id='incident_page.export_failed'
                            defaultMessage='The export failed.'
                        />
                    </ErrorNotice>
                </div>
            )}
        </>
    );
}
