/** Ids of incidents of which an offer of command was on the screen: how it ended is to be told, also when nothing of it is left. */
export const watched = new Set<string>();
