import {pluginRoot} from 'src/routes';

/** Path of the page of follow-ups. `team` is the team's URL name. */
export const followUpsPath = (team: string) => `${pluginRoot(team)}/followups`;
