import {PLUGIN_ID} from 'src/manifest';

/**
 * Every path of the web part, relative to the site's base path, as the host's router wants them.
 * `team` is the team's URL name.
 */
export const pluginRoot = (team: string) => `/${team}/${PLUGIN_ID}`;

export const playbookListPath = (team: string) => `${pluginRoot(team)}/playbooks`;
export const playbookPath = (team: string, id: string) => `${playbookListPath(team)}/${id}`;
export const newPlaybookPath = (team: string, templateTitle?: string) =>
    `${playbookListPath(team)}/new${templateTitle ? `?template_title=${encodeURIComponent(templateTitle)}` : ''}`;

export const incidentListPath = (team: string) => `${pluginRoot(team)}/incidents`;
export const incidentPath = (team: string, id: string) => `${incidentListPath(team)}/${id}`;

export type ErrorPageType = 'incidents' | 'playbooks' | 'default';
export const errorPath = (team: string, type: ErrorPageType) => `${pluginRoot(team)}/error?type=${type}`;

export const teamPath = (team: string) => `/${team}`;

/** `channel` is a channel's URL name or its id; the host shows the name. */
export const channelPath = (team: string, channel: string) => `/${team}/channels/${channel}`;
export const postPath = (postId: string) => `/_redirect/pl/${postId}`;
