import {client, refresh} from 'src/query/client';

/** Kind of the queries of pages of playbooks. */
export const PLAYBOOKS = 'playbooks';

const PLAYBOOK = 'playbook';

/** Key of a whole playbook. */
export const playbookKey = (id: string) => [PLAYBOOK, id];

// The editor starts with what is stored now: saving compares with it.
client.setQueryDefaults([PLAYBOOK], {cacheTime: 0});

/** Requests the pages of playbooks again. */
export const refreshPlaybooks = () => refresh([PLAYBOOKS]);
