import {Download, download} from 'src/client/download';
import {incidentUrl} from 'src/client/incidents';

export type ExportFormat = 'csv' | 'markdown' | 'json';

/** The posts of the channel (csv), or the incident with its updates and timeline. */
export function exportIncident(id: string, format: ExportFormat): Promise<Download> {
    return download(`${incidentUrl(id)}/export?format=${format}`);
}
