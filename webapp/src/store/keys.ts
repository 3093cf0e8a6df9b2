/** Kinds of queries that several modules use. The kind is the first element of a query's key. */
export const INCIDENT = 'incident';
export const INCIDENT_OF_CHANNEL = 'incident-of-channel';
export const INCIDENT_CHANNELS = 'incident-channels';
export const MY_INCIDENTS = 'my-incidents';
export const INCIDENT_LISTS = 'incidents';

/** Key of an incident. There is one copy of it: requests and events write to it, and the newest revision is kept. */
export const incidentKey = (id: string) => [INCIDENT, id];

/** Key of the id of a channel's incident; null when the channel has none or the user may not see it. */
export const ofChannelKey = (channelId: string) => [INCIDENT_OF_CHANNEL, channelId];

/** Key of the channels of a team that belong to incidents of which the user is a member. */
export const channelsKey = (teamId: string) => [INCIDENT_CHANNELS, teamId];

/** Key of the rows of the user's ongoing incidents of a team. */
export const myIncidentsKey = (teamId: string) => [MY_INCIDENTS, teamId];
