import {beforeEach, expect, it} from 'vitest';

import {newestPostDeleted} from 'src/store/my_incidents';
import {incidents} from 'src/testing/incidents';
import {anIncident, TEAM} from 'src/testing/factories';
import {freshHost} from 'src/testing/host';
import {fakeServer, page} from 'src/testing/server';
import {Incident} from 'src/types/incident';

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
    freshHost();
});

it('asks for rows, and keeps what is held of an incident that is as new', async () => {
    const [same, older] = [anIncident({status_posts: [{id: 'p', create_at: 7, delete_at: 0}]}), anIncident()];
    incidents.receive(same);
    incidents.receive(older);
    const row: Partial<Incident> & {last_status_at: number} = {...same, last_status_at: 5};
    delete row.checklists;
    delete row.status_posts;
    delete row.status_post_ids;
    delete row.reminder_message_template;
    const renamed = {...older, name: 'Renamed', revision: 9};
    const server = fakeServer({'GET /incidents': page([row as Incident, {...renamed, checklists: []}])});
    await incidents.loadList(TEAM.id);
    expect(server.calls[0]?.query.view).toBe('summary');
    expect(incidents.confirmed(same.channel_id)).toMatchObject({checklists: same.checklists});
    const rows = incidents.list(TEAM.id).incidents;
    expect(rows.find(({id}) => id === same.id)).toMatchObject({last_status_at: 7});
    expect(rows.find(({id}) => id === older.id)).toMatchObject({name: 'Renamed', last_status_at: 0});
    server.on({[`GET /incidents/channel/${older.channel_id}`]: {body: renamed}});
    const stop = incidents.watch(older.channel_id);
    await settled();
    expect(incidents.confirmed(older.channel_id)).toMatchObject({name: 'Renamed', checklists: older.checklists});
    stop();
});

it.each([[5, 2], [6, 1]])('is asked for again when the newest update of a row, posted at 5, was deleted: that of %s', async (at, requests) => {
    const row = {...anIncident(), last_status_at: 5};
    const server = fakeServer({'GET /incidents': page([row])});
    const stop = incidents.watchList(TEAM.id);
    await settled();
    newestPostDeleted(row.channel_id, at);
    await settled();
    expect(server.to('GET', '/incidents')).toHaveLength(requests);
    stop();
});
